/* How the ranks of a stand-in NCCL communicator find each other, and check that they agree. */
#include "standin/nccl_internal.h"

#include <stdlib.h>
#include <string.h>

struct gd_nccl_meeting {
    gd_nccl_seat seat;
    int root, tag;
    gd_nccl_seat *seats; /* root: [seat.size] */
    int seated;
    int *verdicts; /* root: [seat.size, 3 + seat.size] tag, rank, size, worlds */
    int *verdict;  /* one row, to receive */
    MPI_Request *requests;
    int request_count;
    bool told; /* this member has told the root, or the root has told all */
};

enum { HEAD = 3 };

gd_nccl_meeting *gd_nccl_meet(gd_nccl_seat seat, int root, int tag)
{
    gd_nccl_meeting *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    size_t size = (size_t)seat.size;
    m->seat = seat;
    m->root = root;
    m->tag = tag;
    m->seats = calloc(size, sizeof *m->seats);
    m->verdicts = calloc(size * (HEAD + size), sizeof *m->verdicts);
    m->verdict = calloc(HEAD + size, sizeof *m->verdict);
    m->requests = calloc(size, sizeof(MPI_Request));
    if (!m->seats || !m->verdicts || !m->verdict || !m->requests) {
        gd_nccl_meeting_free(m);
        return NULL;
    }
    if (seat.world == root)
        m->seats[m->seated++] = seat;
    return m;
}

/* Messages that are still on their way, after an abort, keep their memory. */
void gd_nccl_meeting_free(gd_nccl_meeting *m)
{
    if (!m)
        return;
    int done = 1;
    if (m->request_count)
        (void)MPI_Testall(m->request_count, m->requests, &done, MPI_STATUSES_IGNORE);
    if (!done)
        return;
    free(m->seats);
    free(m->verdicts);
    free(m->verdict);
    free(m->requests);
    free(m);
}

static bool receive_seats(gd_nccl_meeting *m)
{
    int there = 1;
    while (m->seated < m->seat.size && there) {
        MPI_Message message;
        (void)MPI_Improbe(MPI_ANY_SOURCE, m->tag, MPI_COMM_WORLD, &there, &message, MPI_STATUS_IGNORE);
        if (there)
            (void)MPI_Mrecv(&m->seats[m->seated++], sizeof *m->seats, MPI_BYTE, &message, MPI_STATUS_IGNORE);
    }
    return m->seated == m->seat.size;
}

static int by_place(const void *left, const void *right)
{
    const gd_nccl_seat *a = left, *b = right;
    if (a->color != b->color)
        return a->color < b->color ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static bool seats_agree(const gd_nccl_meeting *m)
{
    for (int i = 0; i < m->seat.size; i++) {
        const gd_nccl_seat *one = &m->seats[i];
        if (one->size != m->seat.size || one->call != m->seat.call) {
            gd_standin_fail("NCCL: rank %d of %d in its split %d meets rank %d of %d in its split %d",
                            one->rank, one->size, one->call, m->seat.rank, m->seat.size, m->seat.call);
            return false;
        }
        for (int k = 0; k < i; k++)
            if (m->seats[k].rank == one->rank) {
                gd_standin_fail("NCCL: two processes say that they are rank %d", one->rank);
                return false;
            }
    }
    return true;
}

/* Sorts the seats and gives each run of one color a communicator. */
static void judge(gd_nccl_meeting *m)
{
    int size = m->seat.size, end;
    bool agree = seats_agree(m);
    qsort(m->seats, (size_t)size, sizeof *m->seats, by_place);
    for (int first = 0; first < size; first = end) {
        int color = m->seats[first].color;
        for (end = first; end < size && m->seats[end].color == color; end++)
            ;
        bool none = color == NCCL_SPLIT_NOCOLOR;
        int tag = agree && !none ? gd_nccl_new_tag() : 0;
        for (int i = first; i < end; i++) {
            int *verdict = m->verdicts + (size_t)i * (size_t)(HEAD + size);
            verdict[0] = tag;
            verdict[1] = i - first;
            verdict[2] = !agree ? -1 : none ? 0 : end - first;
            for (int k = first; k < end; k++)
                verdict[HEAD + k - first] = m->seats[k].world;
        }
    }
}

static void tell(gd_nccl_meeting *m)
{
    int size = m->seat.size;
    for (int i = 0; i < size; i++) {
        int *verdict = m->verdicts + (size_t)i * (size_t)(HEAD + size);
        if (m->seats[i].world == m->root)
            memcpy(m->verdict, verdict, (size_t)(HEAD + size) * sizeof *verdict);
        else
            (void)MPI_Isend(verdict, HEAD + size, MPI_INT, m->seats[i].world, m->tag, MPI_COMM_WORLD,
                            &m->requests[m->request_count++]);
    }
    m->told = true;
}

static bool sent(gd_nccl_meeting *m)
{
    int done;
    (void)MPI_Testall(m->request_count, m->requests, &done, MPI_STATUSES_IGNORE);
    return done;
}

static bool root_over(gd_nccl_meeting *m)
{
    if (!m->told) {
        if (!receive_seats(m))
            return false;
        judge(m);
        tell(m);
    }
    return sent(m);
}

static bool member_over(gd_nccl_meeting *m)
{
    int there;
    MPI_Message message;
    if (!m->told)
        (void)MPI_Isend(&m->seat, sizeof m->seat, MPI_BYTE, m->root, m->tag, MPI_COMM_WORLD,
                        &m->requests[m->request_count++]);
    m->told = true;
    (void)MPI_Improbe(m->root, m->tag, MPI_COMM_WORLD, &there, &message, MPI_STATUS_IGNORE);
    if (!there)
        return false;
    (void)MPI_Mrecv(m->verdict, HEAD + m->seat.size, MPI_INT, &message, MPI_STATUS_IGNORE);
    (void)MPI_Waitall(m->request_count, m->requests, MPI_STATUSES_IGNORE);
    return true;
}

bool gd_nccl_meeting_over(gd_nccl_meeting *m, gd_nccl_result *result)
{
    if (!(m->seat.world == m->root ? root_over(m) : member_over(m)))
        return false;
    *result = (gd_nccl_result){.tag = m->verdict[0], .rank = m->verdict[1], .size = m->verdict[2]};
    if (result->size > 0) {
        result->worlds = malloc((size_t)result->size * sizeof *result->worlds);
        if (result->worlds)
            memcpy(result->worlds, m->verdict + HEAD, (size_t)result->size * sizeof *result->worlds);
        else
            result->size = -1;
    }
    return true;
}
