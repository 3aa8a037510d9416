# Training. Paths are relative to src/engine.
set(FS_TRAIN_SOURCES
    train/loss.c
    train/optimiser.c
    train/schedule.c)
set_source_files_properties(train/optimiser.c PROPERTIES COMPILE_OPTIONS "${FS_FASTEST}")
