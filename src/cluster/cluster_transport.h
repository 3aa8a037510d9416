/* What carries a cluster's messages: MPI (cluster_mpi.c), or threads in the tests (tests/cluster/threads.c).
 *
 *     fs_cluster *cluster = fs_cluster_create(&transport);       // NULL when memory is short
 *
 * Collective calls are made by all processes in the same order, from one thread of each at a time. Letters
 * are small messages that `poll` finds in no particular order between senders, in order from each; `send` and
 * `poll` may be called from several threads. Failures are the launcher's to end: none is reported. */
#ifndef FS_CLUSTER_CLUSTER_TRANSPORT_H
#define FS_CLUSTER_CLUSTER_TRANSPORT_H

#include "base/text.h"
#include "cluster/cluster.h"

typedef struct fs_cluster_transport {
    void *context;
    int rank, size;
    /* all[size][bytes] of mine[bytes] */
    void (*gather)(void *context, const void *mine, size_t bytes, void *all);
    /* Rank k gets to[from][part] of everybody's from[k][part]. */
    void (*exchange)(void *context, const float *from, float *to, int part);
    /* all[size][part]: everybody's mine[part] */
    void (*collect)(void *context, const float *mine, float *all, int part);
    void (*any)(void *context, bool *flags, int count);
    void (*broadcast)(void *context, void *data, int bytes, int root);
    void (*send)(void *context, int to, const void *bytes, size_t size);
    /* Whether there was a letter; it is added to *letter, which is broken when memory is short. */
    bool (*poll)(void *context, int *from, fs_text *letter);
    void (*leave)(void *context);
} fs_cluster_transport;

fs_cluster *fs_cluster_create(const fs_cluster_transport *transport);
/* Letters of this process alone; not for NULL. */
void fs_cluster_send(fs_cluster *cluster, int to, const void *bytes, size_t size);
bool fs_cluster_poll(fs_cluster *cluster, int *from, fs_text *letter);

/* MPI's transport; without MPI it says so. */
fs_status fs_cluster_mpi(fs_cluster_transport *out, fs_error *err);

#endif
