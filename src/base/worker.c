#include "base/worker.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"

struct job {
    STAILQ_ENTRY(job) line;
    void (*run)(void *owner);
    void (*done)(void *owner);
    void *owner;
};
STAILQ_HEAD(job_list, job);

struct worker {
    struct event *event; /* of `bell` */
    int bell;            /* rung by the thread when a job is done */
    size_t most, count;  /* of jobs that are not taken up yet: the loop's */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t has_work;
    struct job_list asked, finished;
    bool is_closing;
};

/* ---- in the thread ---- */

static struct job *job_await(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    while (STAILQ_EMPTY(&worker->asked) && !worker->is_closing)
        pthread_cond_wait(&worker->has_work, &worker->lock);
    struct job *job = worker->is_closing ? NULL : STAILQ_FIRST(&worker->asked);
    if (job != NULL)
        STAILQ_REMOVE_HEAD(&worker->asked, line);
    pthread_mutex_unlock(&worker->lock);
    return job;
}

static void job_hand_back(struct worker *worker, struct job *job)
{
    static const uint64_t once = 1;
    pthread_mutex_lock(&worker->lock);
    STAILQ_INSERT_TAIL(&worker->finished, job, line);
    pthread_mutex_unlock(&worker->lock);
    must(write(worker->bell, &once, sizeof once) == sizeof once);
}

static void *thread_run(void *owner)
{
    struct worker *worker = owner;
    struct job *job;
    while ((job = job_await(worker)) != NULL) {
        job->run(job->owner);
        job_hand_back(worker, job);
    }
    return NULL;
}

/* ---- in the loop ---- */

static void bell_rings(evutil_socket_t fd, short what, void *owner)
{
    struct worker *worker = owner;
    struct job_list finished;
    struct job *job;
    uint64_t times;
    (void)what;
    STAILQ_INIT(&finished);
    if (read(fd, &times, sizeof times) != sizeof times)
        return;
    pthread_mutex_lock(&worker->lock);
    STAILQ_CONCAT(&finished, &worker->finished);
    pthread_mutex_unlock(&worker->lock);
    while ((job = STAILQ_FIRST(&finished)) != NULL) {
        STAILQ_REMOVE_HEAD(&finished, line);
        worker->count--;
        job->done(job->owner);
        free(job);
    }
}

/* Signals are the loop's. */
static bool thread_begin(struct worker *worker)
{
    sigset_t all, before;
    sigfillset(&all);
    must(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    worker->has_thread = worker->has_thread || pthread_create(&worker->thread, NULL, thread_run, worker) == 0;
    must(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    if (!worker->has_thread)
        log_error("worker: the system gives no thread");
    return worker->has_thread;
}

bool worker_take(struct worker *worker, void (*run)(void *owner), void (*done)(void *owner), void *owner)
{
    if (worker->count >= worker->most || !thread_begin(worker))
        return false;
    struct job *job = mem_new(sizeof *job);
    *job = (struct job){.run = run, .done = done, .owner = owner};
    worker->count++;
    pthread_mutex_lock(&worker->lock);
    STAILQ_INSERT_TAIL(&worker->asked, job, line);
    pthread_cond_signal(&worker->has_work);
    pthread_mutex_unlock(&worker->lock);
    return true;
}

/* ---- life ---- */

struct worker *worker_open(struct loop *loop, size_t most)
{
    struct worker *worker = mem_new(sizeof *worker);
    worker->most = most;
    worker->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    must(worker->bell >= 0);
    worker->event = event_new(loop_events(loop), worker->bell, EV_READ | EV_PERSIST, bell_rings, worker);
    must(worker->event != NULL && event_add(worker->event, NULL) == 0);
    must(pthread_mutex_init(&worker->lock, NULL) == 0 && pthread_cond_init(&worker->has_work, NULL) == 0);
    STAILQ_INIT(&worker->asked);
    STAILQ_INIT(&worker->finished);
    return worker;
}

static void jobs_free(struct job_list *jobs)
{
    struct job *job;
    while ((job = STAILQ_FIRST(jobs)) != NULL) {
        STAILQ_REMOVE_HEAD(jobs, line);
        free(job);
    }
}

void worker_close(struct worker *worker)
{
    if (worker == NULL)
        return;
    pthread_mutex_lock(&worker->lock);
    worker->is_closing = true;
    pthread_cond_signal(&worker->has_work);
    pthread_mutex_unlock(&worker->lock);
    if (worker->has_thread)
        must(pthread_join(worker->thread, NULL) == 0);
    jobs_free(&worker->asked);
    jobs_free(&worker->finished);
    event_free(worker->event);
    close(worker->bell);
    pthread_cond_destroy(&worker->has_work);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}
