# The worker behind the window, and the settings kept inside exported pictures.
set(FS_WORKER_SOURCES event_queue.c job_queue.c picture.c render_export.c worker.c worker_load.c worker_view.c
                      worker_wall.c)
