/* Meetings of several processes, and of one alone: who fails, what is summed and in which order, and when a
 * process counts as launched. */
#include "base/helpers.h"

#include <stdlib.h>
#include <string.h>

#include "cluster/threads.h"

enum { MOST = 8 };

/* ---- agreeing ---- */

typedef struct agreement {
    fs_status brings[MOST], gets[MOST];
    char says[MOST][64];
    double all[MOST][MOST];
} agreement;

static void agree(fs_cluster *cluster, void *context) {
    agreement *a = context;
    const int rank = fs_cluster_rank(cluster);
    const double mine = rank * 1.5;
    fs_error err = {0};
    fs_status status = a->brings[rank];
    if (status != FS_OK)
        fs_fail(&err, status, "said by %d", rank);
    a->gets[rank] = fs_cluster_gather(cluster, status, &mine, sizeof mine, a->all[rank], &err);
    snprintf(a->says[rank], sizeof a->says[rank], "%.60s", err.message);
}

static void test_all_are_fine(void **state) {
    (void)state;
    agreement a = {.brings = {0}};
    threads_run(5, agree, &a);
    for (int r = 0; r < 5; r++) {
        assert_int_equal(a.gets[r], FS_OK);
        for (int k = 0; k < 5; k++)
            assert_true(a.all[r][k] == k * 1.5);
    }
}

static void test_one_fails_and_all_say_the_same(void **state) {
    (void)state;
    agreement a = {.brings = {FS_OK, FS_ERROR_CANCELLED, FS_ERROR_IO, FS_ERROR_MEMORY}};
    threads_run(4, agree, &a);
    for (int r = 0; r < 4; r++) {
        assert_int_equal(a.gets[r], FS_ERROR_IO); /* no wish to stop, and the first of two */
        assert_string_equal(a.says[r], "said by 2");
    }
}

static void test_a_wish_to_stop_is_everybodys(void **state) {
    (void)state;
    agreement a = {.brings = {FS_OK, FS_OK, FS_ERROR_CANCELLED}};
    threads_run(3, agree, &a);
    for (int r = 0; r < 3; r++) {
        assert_int_equal(a.gets[r], FS_ERROR_CANCELLED);
        assert_string_equal(a.says[r], "said by 2");
    }
}

/* ---- sums ---- */

enum { NUMBERS = 1001 };

typedef struct summing {
    int count;
    float data[MOST][NUMBERS], sums[MOST][NUMBERS];
    bool flags[MOST][NUMBERS];
    char told[MOST][NUMBERS];
    fs_status status[MOST];
} summing;

static void sum(fs_cluster *cluster, void *context) {
    summing *s = context;
    const int rank = fs_cluster_rank(cluster);
    memcpy(s->sums[rank], s->data[rank], sizeof s->data[rank]);
    s->status[rank] = fs_cluster_sum(cluster, s->sums[rank], s->count, NULL);
    fs_cluster_any(cluster, s->flags[rank], s->count);
    fs_cluster_broadcast(cluster, s->told[rank], (size_t)s->count);
}

static float number(int rank, int i) {
    return (float)((rank * 7919 + i * 104729) % 10007) / 3 - 1000;
}

static void check_sums(int size, int count) {
    summing *s = calloc(1, sizeof *s);
    s->count = count;
    for (int r = 0; r < size; r++)
        for (int i = 0; i < count; i++) {
            s->data[r][i] = number(r, i);
            s->flags[r][i] = i % size == r && i % 3 == 0;
            s->told[r][i] = (char)(r + i);
        }
    threads_run(size, sum, s);
    for (int i = 0; i < count; i++) {
        float expected = 0;
        for (int r = 0; r < size; r++)
            expected += s->data[r][i];
        for (int r = 0; r < size; r++) {
            assert_int_equal(s->status[r], FS_OK);
            assert_true(s->sums[r][i] == expected); /* the order of ranks, to the bit */
            assert_int_equal(s->flags[r][i], i % 3 == 0);
            assert_int_equal(s->told[r][i], (char)i);
        }
    }
    free(s);
}

static void test_sums_in_the_order_of_ranks(void **state) {
    (void)state;
    for (int size = 1; size <= MOST; size++) {
        check_sums(size, NUMBERS);
        check_sums(size, 1); /* fewer numbers than processes */
    }
}

static void test_sums_of_rounds(void **state) {
    (void)state;
    float data[3] = {1, 2, 3}, part[3] = {10, 20, 30}, all[3];
    assert_int_equal(fs_cluster_part(NULL, 3), 3);
    assert_int_equal(fs_cluster_add(NULL, data, 3, part, NULL), FS_OK);
    assert_int_equal(fs_cluster_add(NULL, data, 3, part, NULL), FS_OK);
    assert_int_equal(fs_cluster_collect(NULL, part, all, 3, NULL), FS_OK);
    assert_true(all[0] == 12 && all[1] == 24 && all[2] == 36);
}

/* ---- alone ---- */

static void test_alone(void **state) {
    (void)state;
    fs_error err = {0};
    float data[2] = {1, 2};
    int mine = 7, all = 0;
    assert_int_equal(fs_cluster_rank(NULL), 0);
    assert_int_equal(fs_cluster_size(NULL), 1);
    assert_int_equal(fs_cluster_agree(NULL, FS_ERROR_IO, &err), FS_ERROR_IO);
    assert_int_equal(fs_cluster_gather(NULL, FS_OK, &mine, sizeof mine, &all, &err), FS_OK);
    assert_int_equal(all, 7);
    assert_int_equal(fs_cluster_sum(NULL, data, 2, &err), FS_OK);
    assert_true(data[0] == 1 && data[1] == 2);
    fs_cluster_leave(NULL);
}

static void test_who_counts_as_launched(void **state) {
    (void)state;
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
    for (int i = 0; i < 3; i++)
        unsetenv(names[i]);
    setenv("SLURM_NTASKS", "8", 1); /* a shell within a job */
    assert_false(fs_cluster_launched());
    for (int i = 2; i >= 0; i--) {
        setenv(names[i], "4", 1);
        assert_true(fs_cluster_launched());
        setenv(names[i], "1", 1);
        assert_false(fs_cluster_launched());
    }
    unsetenv(names[0]);
    setenv(names[1], "many", 1);
    setenv(names[2], "2", 1);
    assert_true(fs_cluster_launched());
    for (int i = 1; i < 3; i++)
        unsetenv(names[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_fine),
        cmocka_unit_test(test_one_fails_and_all_say_the_same),
        cmocka_unit_test(test_a_wish_to_stop_is_everybodys),
        cmocka_unit_test(test_sums_in_the_order_of_ranks),
        cmocka_unit_test(test_sums_of_rounds),
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_who_counts_as_launched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
