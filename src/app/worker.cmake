# The worker behind the window, and the settings kept inside exported pictures.
set(FS_WORKER_SOURCES event_queue.c folder_job.c folder_thread.c freeze_map.c job_queue.c picture.c render_export.c worker.c worker_load.c worker_session.c
                      lesson.c lesson_words.c session.c session_read.c session_write.c worker_pictures.c worker_view.c
                      worker_panel.c worker_study.c worker_inspect.c clipboard.c worker_clipboard.c inspection.c occlusion.c pasted_path.c kernel_study.c panel.c panel_variants.c panel_examples.c panel_tuning.c panel_attribution.c panel_weights.c
                      substituted.c thumb_cache.c worker_cached.c worker_kernel_export.c worker_substitute.c worker_thumbs.c
                      panel_activations.c render_command.c training_news.c training_observer.c training_past.c training_run.c
                      training_save.c training_session.c training_shift.c training_thread.c worker_training.c
                      worker_folder.c worker_wall.c)
