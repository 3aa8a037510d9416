fs_add_test(NAME test_job_queue SOURCES test_job_queue.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_worker SOURCES test_worker.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_render_export SOURCES test_render_export.c LIBRARIES fs_app LABELS unit)
