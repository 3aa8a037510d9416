/* What a large model takes to load, as the kernel counts it: the 240 MB of AlexNet from the folder of
 * exported architectures (FS_ARCHITECTURES). Weights are most of the file, so the bound is close to the
 * file's size. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The weights once, and what does not grow with the file: the program, its libraries, the graph. */
static const double allowed_share = 1.2, allowed_rest = 32e6;

/* Runs `filterscope layers` on the model; returns its largest resident size in bytes. */
static double peak_of_layers(const char *model) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const int nothing = open("/dev/null", O_WRONLY);
        dup2(nothing, STDOUT_FILENO);
        execl(FS_PROGRAM, FS_PROGRAM, "layers", "--quiet", "--model", model, (char *)NULL);
        _exit(127);
    }
    int status = -1;
    struct rusage usage;
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return (double)usage.ru_maxrss * 1024;
}

static void test_peak_is_near_the_size_of_the_file(void **state) {
    (void)state;
    char path[1024];
    struct stat info;
    const char *folder = getenv("FS_ARCHITECTURES");
    snprintf(path, sizeof path, "%s/alexnet.onnx", folder ? folder : "");
    if (!folder || stat(path, &info) != 0) {
        printf("SKIPPED: FS_ARCHITECTURES names no folder with alexnet.onnx\n");
        skip();
    }
    const double size = (double)info.st_size, peak = peak_of_layers(path);
    print_message("%.0f MB in the file, %.0f MB at the peak: %.2f times\n", size / 1e6, peak / 1e6,
                  peak / size);
    assert_true(size > 200e6);
    assert_true(peak < allowed_share * size + allowed_rest);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_peak_is_near_the_size_of_the_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
