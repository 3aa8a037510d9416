/* The transport over MPI. Calls come from several threads, one at a time: MPI_THREAD_SERIALIZED. */
#include <mpi.h>
#include <pthread.h>

#include "base/alloc.h"
#include "cluster/cluster_transport.h"

enum { LETTER_TAG = 1 };

typedef struct link {
    pthread_mutex_t mutex; /* over every call of MPI */
} link;

static void gather(void *context, const void *mine, size_t bytes, void *all) {
    link *l = context;
    pthread_mutex_lock(&l->mutex);
    MPI_Allgather(mine, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, MPI_COMM_WORLD);
    pthread_mutex_unlock(&l->mutex);
}

static void exchange(void *context, const float *from, float *to, int part) {
    link *l = context;
    pthread_mutex_lock(&l->mutex);
    MPI_Alltoall(from, part, MPI_FLOAT, to, part, MPI_FLOAT, MPI_COMM_WORLD);
    pthread_mutex_unlock(&l->mutex);
}

static void collect(void *context, const float *mine, float *all, int part) {
    link *l = context;
    pthread_mutex_lock(&l->mutex);
    MPI_Allgather(mine, part, MPI_FLOAT, all, part, MPI_FLOAT, MPI_COMM_WORLD);
    pthread_mutex_unlock(&l->mutex);
}

static void any(void *context, bool *flags, int count) {
    link *l = context;
    pthread_mutex_lock(&l->mutex);
    MPI_Allreduce(MPI_IN_PLACE, flags, count, MPI_C_BOOL, MPI_LOR, MPI_COMM_WORLD);
    pthread_mutex_unlock(&l->mutex);
}

static void broadcast(void *context, void *data, int bytes, int root) {
    link *l = context;
    pthread_mutex_lock(&l->mutex);
    MPI_Bcast(data, bytes, MPI_BYTE, root, MPI_COMM_WORLD);
    pthread_mutex_unlock(&l->mutex);
}

static void send_letter(void *context, int to, const void *bytes, size_t size) {
    link *l = context;
    pthread_mutex_lock(&l->mutex);
    MPI_Send(bytes, (int)size, MPI_BYTE, to, LETTER_TAG, MPI_COMM_WORLD);
    pthread_mutex_unlock(&l->mutex);
}

/* Taken off the wire even where memory is short, or it would be found again and again. */
static void receive(const MPI_Status *found, fs_text *letter) {
    int size = 0;
    MPI_Get_count(found, MPI_BYTE, &size);
    char *bytes = fs_alloc((size_t)size + 1);
    if (!bytes)
        MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN); /* what is cut off is an error */
    MPI_Recv(bytes, bytes ? size : 0, MPI_BYTE, found->MPI_SOURCE, LETTER_TAG, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
    if (bytes)
        fs_text_add_bytes(letter, bytes, (size_t)size);
    else
        letter->failed = true;
    fs_free(bytes);
}

static bool poll_letter(void *context, int *from, fs_text *letter) {
    link *l = context;
    int there = 0;
    MPI_Status found;
    pthread_mutex_lock(&l->mutex);
    MPI_Iprobe(MPI_ANY_SOURCE, LETTER_TAG, MPI_COMM_WORLD, &there, &found);
    if (there) {
        *from = found.MPI_SOURCE;
        receive(&found, letter);
    }
    pthread_mutex_unlock(&l->mutex);
    return there;
}

static void leave(void *context) {
    link *l = context;
    MPI_Finalize();
    pthread_mutex_destroy(&l->mutex);
    fs_free(l);
}

static fs_status check(const fs_cluster_transport *t, int level, fs_error *err) {
    if (level < MPI_THREAD_SERIALIZED)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "this MPI knows no threads (MPI_THREAD_SERIALIZED)");
    if (t->size == 1)
        return fs_fail(err, FS_ERROR_UNSUPPORTED,
                       "started as one of several, but MPI knows of no other: start it with the mpirun of "
                       "the MPI it was built with, or with srun --mpi=pmix");
    return FS_OK;
}

fs_status fs_cluster_mpi(fs_cluster_transport *out, fs_error *err) {
    int level = 0;
    link *l = fs_calloc(1, sizeof *l);
    if (!l)
        return fs_fail_memory(err, "a cluster");
    MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level);
    pthread_mutex_init(&l->mutex, NULL);
    fs_cluster_transport t = {l,   0,         0,           gather,      exchange, collect,
                              any, broadcast, send_letter, poll_letter, leave};
    MPI_Comm_rank(MPI_COMM_WORLD, &t.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &t.size);
    fs_status status = check(&t, level, err);
    if (status == FS_OK)
        *out = t;
    else
        leave(l);
    return status;
}
