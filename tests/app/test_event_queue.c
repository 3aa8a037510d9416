/* The messages of the worker: in order, the newer in the place of the older, and what a job says once when
 * memory is short. */
#include "base/helpers.h"

#include "app/event_queue.h"

enum { MANY = 100 };

static void wake(void *context) {
    ++*(int *)context;
}

static fs_event_queue *queue_of(int *woken) {
    fs_event_queue *queue = NULL;
    assert_int_equal(fs_event_queue_create(&queue, wake, woken, NULL), FS_OK);
    return queue;
}

static void send(fs_event_queue *queue, fs_event_kind kind, uint64_t generation) {
    fs_event event = {.kind = kind, .generation = generation, .done = (double)generation};
    fs_event_queue_send(queue, &event);
    assert_int_equal(event.kind, FS_EVENT_NONE); /* taken over, or released */
}

/* FS_EVENT_NONE where there is no event. */
static fs_event_kind take(fs_event_queue *queue, uint64_t *generation) {
    fs_event event = {0};
    if (!fs_event_queue_take(queue, &event))
        return FS_EVENT_NONE;
    const fs_event_kind kind = event.kind;
    *generation = event.generation;
    fs_event_release(&event);
    return kind;
}

static void test_in_order_and_woken_once(void **state) {
    (void)state;
    int woken = 0;
    uint64_t generation = 0;
    fs_event_queue *queue = queue_of(&woken);
    for (uint64_t i = 1; i <= MANY; i++)
        send(queue, FS_EVENT_DONE, i);
    assert_int_equal(woken, 1);
    for (uint64_t i = 1; i <= MANY; i++) {
        assert_int_equal(take(queue, &generation), FS_EVENT_DONE);
        assert_true(generation == i);
    }
    assert_int_equal(take(queue, &generation), FS_EVENT_NONE);
    send(queue, FS_EVENT_FAILED, 1);
    assert_int_equal(woken, 2);
    fs_event_queue_destroy(queue); /* with an event in it */
}

static void test_newer_progress_takes_the_place(void **state) {
    (void)state;
    int woken = 0;
    uint64_t generation = 0;
    fs_event_queue *queue = queue_of(&woken);
    send(queue, FS_EVENT_PROGRESS, 7);
    send(queue, FS_EVENT_PROGRESS, 8); /* of another job */
    send(queue, FS_EVENT_PROGRESS, 7);
    assert_int_equal(take(queue, &generation), FS_EVENT_PROGRESS);
    assert_true(generation == 7);
    assert_int_equal(take(queue, &generation), FS_EVENT_PROGRESS);
    assert_true(generation == 8);
    assert_int_equal(take(queue, &generation), FS_EVENT_NONE);
    fs_event_queue_destroy(queue);
}

static void test_last_words_need_no_memory(void **state) {
    (void)state;
    static const fs_event_kind once[] = {FS_EVENT_MODEL, FS_EVENT_SAVED, FS_EVENT_DONE, FS_EVENT_FAILED};
    int woken = 0;
    uint64_t generation = 0;
    fs_event_queue *queue = queue_of(&woken);
    for (uint64_t i = 1; i <= MANY; i++) { /* the room is there again once the event was fetched */
        fail_from(0);
        send(queue, FS_EVENT_PROGRESS, i);
        for (size_t k = 0; k < 4; k++)
            send(queue, once[k], i);
        assert_true(fail_stop());
        for (size_t k = 0; k < 4; k++) {
            assert_int_equal(take(queue, &generation), once[k]);
            assert_true(generation == i);
        }
        assert_int_equal(take(queue, &generation), FS_EVENT_NONE); /* progress was not worth it */
    }
    assert_int_equal(woken, MANY);
    fs_event_queue_destroy(queue);
}

/* A reader who never comes does not make it grow. */
static void test_the_room_has_an_end(void **state) {
    (void)state;
    int woken = 0, n = 0;
    uint64_t generation = 0;
    fs_event_queue *queue = queue_of(&woken);
    fail_from(0);
    for (uint64_t i = 1; i <= MANY; i++)
        send(queue, FS_EVENT_DONE, i);
    fail_stop();
    while (take(queue, &generation) != FS_EVENT_NONE)
        assert_true(generation == (uint64_t)++n);
    assert_in_range(n, 8, MANY - 1);
    fs_event_queue_destroy(queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order_and_woken_once),
        cmocka_unit_test(test_newer_progress_takes_the_place),
        cmocka_unit_test(test_last_words_need_no_memory),
        cmocka_unit_test(test_the_room_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
