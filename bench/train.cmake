add_executable(bench_train bench_train.c)
target_link_libraries(bench_train PRIVATE fs_engine fs_common)
