fs_add_test(NAME test_job_queue SOURCES test_job_queue.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_event_queue SOURCES test_event_queue.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_session SOURCES test_session.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_worker SOURCES test_worker.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_render_export SOURCES test_render_export.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_worker_panel SOURCES test_worker_panel.c worker_test.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_render_command SOURCES test_render_command.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_occlusion SOURCES test_occlusion.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_worker_inspect SOURCES test_worker_inspect.c worker_test.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_worker_study SOURCES test_worker_study.c worker_test.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
set(FS_TRAINING_TEST training_test.c ../engine/train/material.c ../base/helpers.c)
fs_add_test(NAME test_training_run SOURCES test_training_run.c ${FS_TRAINING_TEST} LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_training_observer SOURCES test_training_observer.c ${FS_TRAINING_TEST} LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_worker_training SOURCES test_worker_training.c worker_test.c ${FS_TRAINING_TEST} LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_freeze_map SOURCES test_freeze_map.c ${FS_TRAINING_TEST} LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_preferences SOURCES test_preferences.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_worker_folder SOURCES test_worker_folder.c worker_test.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
# Sheets and reports have text: what Fontconfig keeps is no leak of ours.
set_tests_properties(test_worker_folder PROPERTIES
                     ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/../ui/lsan.supp:print_suppressions=0")
fs_add_test(NAME test_worker_memory SOURCES test_worker_memory.c worker_test.c ../engine/train/material.c ../base/helpers.c
            ../base/kept.c LIBRARIES fs_app LABELS unit TIMEOUT 600)
set_tests_properties(test_worker_memory PROPERTIES
                     ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/../ui/lsan.supp:print_suppressions=0")
