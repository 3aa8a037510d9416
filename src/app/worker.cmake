# The worker behind the window, and the settings kept inside exported pictures.
set(FS_WORKER_SOURCES event_queue.c freeze_map.c job_queue.c picture.c render_export.c worker.c worker_load.c worker_view.c
                      worker_panel.c worker_study.c kernel_study.c panel.c panel_variants.c panel_examples.c panel_tuning.c panel_attribution.c
                      panel_activations.c panel_weights.c substituted.c worker_gabor_export.c worker_substitute.c thumb_cache.c worker_cached.c worker_thumbs.c render_command.c training_news.c training_observer.c training_past.c training_run.c
                      training_save.c training_session.c training_shift.c training_thread.c worker_training.c
                      worker_wall.c)
