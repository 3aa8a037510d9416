# Training. Paths are relative to src/engine.
set(FS_TRAIN_SOURCES
    train/augment.c
    train/checkpoint.c
    train/dataset.c
    train/finetune.c
    train/initialise.c
    train/loader.c
    train/loss.c
    train/metrics.c
    train/optimiser.c
    train/pictures.c
    train/plain_network.c
    train/schedule.c
    train/trainable.c
    train/trainer.c
    train/trainer_features.c
    train/trainer_share.c)
set_source_files_properties(train/optimiser.c PROPERTIES COMPILE_OPTIONS "${FS_FASTEST}")
