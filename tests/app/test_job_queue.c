/* The queue alone: what goes first, what replaces what, what closing leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/job_queue.h"

static fs_job_result never(fs_job *job, void *context) {
    (void)job;
    (void)context;
    return FS_JOB_DONE;
}

static void count(void *parameters) {
    ++*(int *)parameters;
}

static fs_job_queue *make(void) {
    fs_job_queue *queue = NULL;
    assert_int_equal(fs_job_queue_create(&queue, NULL), FS_OK);
    return queue;
}

static uint64_t put(fs_job_queue *queue, fs_job_lane lane, int kind, int *destroyed) {
    fs_job_spec spec = {.lane = lane, .kind = kind, .step = never, .parameters = destroyed};
    spec.destroy = destroyed != NULL ? count : NULL;
    return fs_job_queue_put(queue, &spec);
}

/* Takes the next job to its end; -1 when there is none. The queue must be closed or not be empty. */
static int finish_next(fs_job_queue *queue) {
    fs_job *job = fs_job_queue_next(queue);
    if (job == NULL)
        return -1;
    int kind = job->spec.kind;
    fs_job_queue_settle(queue, job, FS_JOB_DONE);
    return kind;
}

static void test_lanes_in_their_order(void **state) {
    (void)state;
    fs_job_queue *queue = make();
    assert_int_equal(put(queue, FS_LANE_BACKGROUND, 1, NULL), 1);
    assert_int_equal(put(queue, FS_LANE_VIEW, 2, NULL), 2);
    put(queue, FS_LANE_ORDERED, 3, NULL);
    put(queue, FS_LANE_ORDERED, 4, NULL);
    put(queue, FS_LANE_ORDERED, 5, NULL);
    const int expected[] = {3, 4, 5, 2, 1};
    for (int i = 0; i < 5; i++)
        assert_int_equal(finish_next(queue), expected[i]);
    fs_job_queue_destroy(queue);
}

static void test_newer_view_replaces_pending(void **state) {
    (void)state;
    fs_job_queue *queue = make();
    int destroyed = 0;
    put(queue, FS_LANE_VIEW, 1, &destroyed);
    put(queue, FS_LANE_VIEW, 2, &destroyed);
    put(queue, FS_LANE_VIEW, 3, &destroyed);
    assert_int_equal(finish_next(queue), 3);
    fs_job_queue_close(queue);
    assert_int_equal(finish_next(queue), -1);
    assert_int_equal(destroyed, 3);
    fs_job_queue_destroy(queue);
    assert_int_equal(destroyed, 3);
}

static void test_newer_view_cancels_running(void **state) {
    (void)state;
    fs_job_queue *queue = make();
    int destroyed = 0;
    put(queue, FS_LANE_VIEW, 1, &destroyed);
    fs_job *running = fs_job_queue_next(queue);
    assert_int_equal(fs_job_queue_running_kind(queue), 1);
    put(queue, FS_LANE_VIEW, 2, &destroyed);
    assert_true(atomic_load(&running->cancel));
    assert_int_equal(destroyed, 0); /* it is still in use */
    fs_job_queue_settle(queue, running, FS_JOB_MORE);
    assert_int_equal(finish_next(queue), 2);
    assert_int_equal(destroyed, 1);
    fs_job_queue_destroy(queue);
    assert_int_equal(destroyed, 2);
}

static void test_view_pauses_background(void **state) {
    (void)state;
    fs_job_queue *queue = make();
    int destroyed = 0;
    put(queue, FS_LANE_BACKGROUND, 1, &destroyed);
    fs_job *wall = fs_job_queue_next(queue);
    put(queue, FS_LANE_VIEW, 2, NULL);
    assert_true(atomic_load(&wall->cancel));
    fs_job_queue_settle(queue, wall, FS_JOB_MORE);
    assert_int_equal(finish_next(queue), 2);
    assert_ptr_equal(fs_job_queue_next(queue), wall); /* and goes on */
    assert_false(atomic_load(&wall->cancel));
    assert_int_equal(destroyed, 0);
    fs_job_queue_settle(queue, wall, FS_JOB_DONE);
    fs_job_queue_destroy(queue);
    assert_int_equal(destroyed, 1);
}

static void test_gentle_replacement_lets_step_finish(void **state) {
    (void)state;
    fs_job_queue *queue = make();
    put(queue, FS_LANE_BACKGROUND, 1, NULL);
    fs_job *running = fs_job_queue_next(queue);
    fs_job_spec spec = {.lane = FS_LANE_BACKGROUND, .kind = 2, .step = never, .gentle = true};
    fs_job_queue_put(queue, &spec);
    assert_false(atomic_load(&running->cancel));
    fs_job_queue_settle(queue, running, FS_JOB_MORE);
    assert_int_equal(finish_next(queue), 2);
    fs_job_queue_close(queue);
    assert_int_equal(finish_next(queue), -1);
    fs_job_queue_destroy(queue);
}

static void test_export_does_not_disturb_view(void **state) {
    (void)state;
    fs_job_queue *queue = make();
    put(queue, FS_LANE_VIEW, 1, NULL);
    fs_job *view = fs_job_queue_next(queue);
    put(queue, FS_LANE_ORDERED, 2, NULL);
    assert_false(atomic_load(&view->cancel));
    fs_job_queue_settle(queue, view, FS_JOB_MORE);
    assert_int_equal(finish_next(queue), 2);
    assert_ptr_equal(fs_job_queue_next(queue), view);
    fs_job_queue_settle(queue, view, FS_JOB_DONE);
    fs_job_queue_destroy(queue);
}

static void test_closing_keeps_what_must_finish(void **state) {
    (void)state;
    fs_job_queue *queue = make();
    int dropped = 0, kept = 0;
    put(queue, FS_LANE_VIEW, 1, &dropped);
    put(queue, FS_LANE_BACKGROUND, 2, &dropped);
    put(queue, FS_LANE_ORDERED, 3, &dropped);
    fs_job_spec spec = {.step = never, .kind = 4, .parameters = &kept, .destroy = count, .must_finish = true};
    fs_job_queue_put(queue, &spec);
    fs_job_queue_close(queue);
    assert_int_equal(put(queue, FS_LANE_VIEW, 5, &dropped), 0);
    assert_false(fs_job_queue_wait(queue, 0.01));
    assert_int_equal(finish_next(queue), 4);
    assert_true(fs_job_queue_wait(queue, 10));
    assert_int_equal(finish_next(queue), -1);
    assert_int_equal(dropped, 4);
    assert_int_equal(kept, 1);
    fs_job_queue_destroy(queue);
}

static void test_clear_drops_a_lane(void **state) {
    (void)state;
    fs_job_queue *queue = make();
    int destroyed = 0;
    put(queue, FS_LANE_VIEW, 1, &destroyed);
    put(queue, FS_LANE_BACKGROUND, 2, &destroyed);
    fs_job_queue_clear(queue, FS_LANE_VIEW);
    assert_int_equal(finish_next(queue), 2);
    fs_job_queue_destroy(queue);
    assert_int_equal(destroyed, 2);
}

/* The picture grows while something about it is computed. */
static void test_view_and_panel_take_turns(void **state) {
    (void)state;
    fs_job_queue *queue = make();
    put(queue, FS_LANE_BACKGROUND, 1, NULL);
    put(queue, FS_LANE_PANEL, 2, NULL);
    put(queue, FS_LANE_VIEW, 3, NULL);
    static const int expected[] = {3, 2, 3, 2, 3};
    for (int i = 0; i < 5; i++) {
        fs_job *job = fs_job_queue_next(queue);
        assert_int_equal(job->spec.kind, expected[i]);
        assert_false(atomic_load(&job->cancel));
        fs_job_queue_settle(queue, job, FS_JOB_MORE);
    }
    int destroyed = 0;
    put(queue, FS_LANE_PANEL, 4, &destroyed);
    put(queue, FS_LANE_PANEL, 5, NULL); /* the newest alone */
    assert_int_equal(finish_next(queue), 5);
    assert_int_equal(destroyed, 1);
    assert_int_equal(finish_next(queue), 3);
    assert_int_equal(finish_next(queue), 1);
    fs_job_queue_destroy(queue);
}

static void test_a_parked_job_waits(void **state) {
    (void)state;
    fs_job_queue *queue = make();
    put(queue, FS_LANE_VIEW, 1, NULL);
    put(queue, FS_LANE_BACKGROUND, 2, NULL);
    fs_job *job = fs_job_queue_next(queue);
    fs_job_queue_park(queue, FS_LANE_VIEW, true); /* during a step: that one comes to its end */
    assert_false(atomic_load(&job->cancel));
    fs_job_queue_settle(queue, job, FS_JOB_MORE);
    assert_int_equal(finish_next(queue), 2);
    fs_job_queue_park(queue, FS_LANE_VIEW, false);
    assert_ptr_equal(fs_job_queue_next(queue), job);
    fs_job_queue_settle(queue, job, FS_JOB_MORE);
    fs_job_queue_park(queue, FS_LANE_VIEW, true);
    put(queue, FS_LANE_VIEW, 3, NULL); /* a new one does not wait */
    assert_int_equal(finish_next(queue), 3);
    put(queue, FS_LANE_VIEW, 4, NULL);
    fs_job_queue_park(queue, FS_LANE_VIEW, true);
    fs_job_queue_close(queue);
    assert_int_equal(finish_next(queue), -1); /* and none keeps the end waiting */
    fs_job_queue_destroy(queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes_in_their_order),
        cmocka_unit_test(test_newer_view_replaces_pending),
        cmocka_unit_test(test_newer_view_cancels_running),
        cmocka_unit_test(test_view_pauses_background),
        cmocka_unit_test(test_gentle_replacement_lets_step_finish),
        cmocka_unit_test(test_export_does_not_disturb_view),
        cmocka_unit_test(test_closing_keeps_what_must_finish),
        cmocka_unit_test(test_clear_drops_a_lane),
        cmocka_unit_test(test_view_and_panel_take_turns),
        cmocka_unit_test(test_a_parked_job_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
