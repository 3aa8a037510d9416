# Training. Paths are relative to src/engine.
set(FS_TRAIN_SOURCES
    train/augment.c
    train/dataset.c
    train/loader.c
    train/loss.c
    train/optimiser.c
    train/pictures.c
    train/schedule.c)
set_source_files_properties(train/optimiser.c PROPERTIES COMPILE_OPTIONS "${FS_FASTEST}")
