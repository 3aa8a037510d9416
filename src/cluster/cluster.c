#include "cluster/cluster.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cluster/cluster_transport.h"

/* Numbers of one exchange: what each process needs beside the data stays small, and counts stay ints. */
enum { PIECE = 1 << 22, BYTES_AT_ONCE = 1 << 30 };

struct fs_cluster {
    fs_cluster_transport transport;
    char *notes; /* of a meeting: there is room for all before anything can fail */
    float *numbers;
    size_t room;
};

/* ---- who is there ---- */

/* Of the launchers, not of a batch system that may only have started a shell: Open MPI's, MPICH's and Slurm's
 * PMI, and a step of srun. The first that is set counts. */
static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};

bool fs_cluster_launched(void) {
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const char *text = getenv(sizes[i]);
        long long size;
        if (text && fs_parse_int(text, &size))
            return size > 1;
    }
    return false;
}

fs_cluster *fs_cluster_create(const fs_cluster_transport *transport) {
    fs_cluster *cluster = fs_calloc(1, sizeof *cluster);
    char *notes = fs_alloc_array((size_t)transport->size, sizeof(fs_status) + FS_CLUSTER_NOTE_SIZE);
    if (!cluster || !notes) {
        fs_free(cluster);
        fs_free(notes);
        return NULL;
    }
    cluster->transport = *transport;
    cluster->notes = notes;
    return cluster;
}

fs_status fs_cluster_join(fs_cluster **out, fs_error *err) {
    fs_cluster_transport transport;
    fs_status status = fs_cluster_mpi(&transport, err);
    if (status != FS_OK)
        return status;
    fs_cluster *cluster = fs_cluster_create(&transport);
    if (!cluster) {
        transport.leave(transport.context);
        return fs_fail_memory(err, "a cluster");
    }
    *out = cluster;
    return FS_OK;
}

void fs_cluster_leave(fs_cluster *cluster) {
    if (!cluster)
        return;
    cluster->transport.leave(cluster->transport.context);
    fs_free(cluster->notes);
    fs_free(cluster->numbers);
    fs_free(cluster);
}

int fs_cluster_rank(const fs_cluster *cluster) {
    return cluster ? cluster->transport.rank : 0;
}

int fs_cluster_size(const fs_cluster *cluster) {
    return cluster ? cluster->transport.size : 1;
}

/* ---- agreeing ---- */

/* Whose status counts: -1 when all are fine. */
static int spokesman(const fs_cluster *c, const char *notes, size_t size) {
    int found = -1;
    bool failed = false;
    for (int r = 0; r < c->transport.size; r++) {
        fs_status status;
        memcpy(&status, notes + (size_t)r * size, sizeof status);
        if (status == FS_OK || failed || (found >= 0 && status == FS_ERROR_CANCELLED))
            continue;
        found = r;
        failed = status != FS_ERROR_CANCELLED;
    }
    return found;
}

/* Everybody has the error of the one. */
static void tell_error(const fs_cluster *c, int from, fs_status status, fs_error *err) {
    const fs_cluster_transport *t = &c->transport;
    fs_error told = {.code = status};
    if (t->rank == from && err)
        told = *err;
    t->broadcast(t->context, &told, (int)sizeof told, from);
    if (err)
        *err = told;
}

static fs_status compare_notes(const fs_cluster *c, size_t size, fs_error *err) {
    const int from = spokesman(c, c->notes, size);
    if (from < 0)
        return FS_OK;
    fs_status status;
    memcpy(&status, c->notes + (size_t)from * size, sizeof status);
    tell_error(c, from, status, err);
    return status;
}

fs_status fs_cluster_gather(fs_cluster *c, fs_status status, const void *mine, size_t size, void *all,
                            fs_error *err) {
    assert(size <= FS_CLUSTER_NOTE_SIZE);
    if (!c) {
        if (status == FS_OK && size)
            memcpy(all, mine, size);
        return status;
    }
    const fs_cluster_transport *t = &c->transport;
    const size_t whole = sizeof status + size;
    char own[sizeof status + FS_CLUSTER_NOTE_SIZE];
    memcpy(own, &status, sizeof status);
    if (size)
        memcpy(own + sizeof status, mine, size);
    t->gather(t->context, own, whole, c->notes);
    status = compare_notes(c, whole, err);
    for (int r = 0; r < t->size && size && status == FS_OK; r++)
        memcpy((char *)all + (size_t)r * size, c->notes + (size_t)r * whole + sizeof status, size);
    return status;
}

fs_status fs_cluster_agree(fs_cluster *c, fs_status mine, fs_error *err) {
    return fs_cluster_gather(c, mine, NULL, 0, NULL, err);
}

/* ---- data ---- */

/* Numbers go in pieces, and each process has the same share of a piece; the last share is filled up with
 * zeros. */
static int share_of(const fs_cluster *c, int count) {
    return (count + c->transport.size - 1) / c->transport.size;
}

static int piece_at(int64_t at, int64_t count) {
    return count - at < PIECE ? (int)(count - at) : PIECE;
}

/* Room for a piece twice, kept from one sum to the next. */
static fs_status make_room(fs_cluster *c, int64_t count, fs_error *err) {
    const size_t room = (size_t)piece_at(0, count) + (size_t)c->transport.size;
    if (room <= c->room)
        return FS_OK;
    fs_free(c->numbers);
    c->numbers = fs_alloc_array(2 * room, sizeof *c->numbers);
    c->room = c->numbers ? room : 0;
    return fs_cluster_agree(c, c->numbers ? FS_OK : fs_fail_memory(err, "sums over processes"), err);
}

int64_t fs_cluster_part(const fs_cluster *c, int64_t count) {
    int64_t part = 0;
    for (int64_t at = 0; at < count && c; at += PIECE)
        part += share_of(c, piece_at(at, count));
    return c ? part : count;
}

static void add_piece(fs_cluster *c, const float *data, int count, float *part) {
    const fs_cluster_transport *t = &c->transport;
    const int share = share_of(c, count);
    float *from = c->numbers, *to = c->numbers + c->room;
    memcpy(from, data, (size_t)count * sizeof *from);
    memset(from + count, 0, (size_t)(share * t->size - count) * sizeof *from);
    t->exchange(t->context, from, to, share);
    for (int r = 0; r < t->size; r++)
        for (int i = 0; i < share; i++)
            part[i] += to[(int64_t)r * share + i];
}

fs_status fs_cluster_add(fs_cluster *c, const float *data, int64_t count, float *part, fs_error *err) {
    fs_status status = c ? make_room(c, count, err) : FS_OK;
    for (int64_t i = 0; i < count && !c; i++)
        part[i] += data[i];
    for (int64_t at = 0; at < count && c && status == FS_OK; at += PIECE) {
        add_piece(c, data + at, piece_at(at, count), part);
        part += share_of(c, piece_at(at, count));
    }
    return status;
}

static void collect_piece(fs_cluster *c, const float *part, float *data, int count) {
    c->transport.collect(c->transport.context, part, c->numbers, share_of(c, count));
    memcpy(data, c->numbers, (size_t)count * sizeof *data);
}

fs_status fs_cluster_collect(fs_cluster *c, const float *part, float *data, int64_t count, fs_error *err) {
    fs_status status = c ? make_room(c, count, err) : FS_OK;
    if (!c)
        memcpy(data, part, (size_t)count * sizeof *data);
    for (int64_t at = 0; at < count && c && status == FS_OK; at += PIECE) {
        collect_piece(c, part, data + at, piece_at(at, count));
        part += share_of(c, piece_at(at, count));
    }
    return status;
}

fs_status fs_cluster_sum(fs_cluster *c, float *data, int64_t count, fs_error *err) {
    if (!c)
        return FS_OK;
    float *part = fs_calloc((size_t)fs_cluster_part(c, count) + 1, sizeof *part);
    fs_status status = fs_cluster_agree(c, part ? FS_OK : fs_fail_memory(err, "sums over processes"), err);
    if (status == FS_OK)
        status = fs_cluster_add(c, data, count, part, err);
    if (status == FS_OK)
        status = fs_cluster_collect(c, part, data, count, err);
    fs_free(part);
    return status;
}

static int at_once(size_t left) {
    return left < BYTES_AT_ONCE ? (int)left : BYTES_AT_ONCE;
}

void fs_cluster_any(fs_cluster *c, bool *flags, int64_t count) {
    for (int64_t at = 0; at < count && c; at += BYTES_AT_ONCE)
        c->transport.any(c->transport.context, flags + at, at_once((size_t)(count - at)));
}

void fs_cluster_broadcast(fs_cluster *c, void *data, size_t size) {
    for (size_t at = 0; at < size && c; at += BYTES_AT_ONCE)
        c->transport.broadcast(c->transport.context, (char *)data + at, at_once(size - at), 0);
}

/* ---- letters ---- */

void fs_cluster_send(fs_cluster *c, int to, const void *bytes, size_t size) {
    c->transport.send(c->transport.context, to, bytes, size);
}

bool fs_cluster_poll(fs_cluster *c, int *from, fs_text *letter) {
    return c->transport.poll(c->transport.context, from, letter);
}
