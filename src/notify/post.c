#include "notify/post.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "config/config.h"
#include "notify/reach.h"

#define ANSWER_MOST    16384 /* octets of a body that are read, to be thrown away */
#define HEADERS_MOST   32768
#define CONNECT_MOST   5000L /* ms, the look-up of the name in it */
#define IDLE_MOST      64L   /* connections kept for the next event */
#define LIFE_MOST_S    60L   /* and no longer: what is allowed may have become another */
#define TRUST_MOST_S   600L  /* authorities are read anew from their files */

struct post {
    TAILQ_ENTRY(post) line;
    struct posts *posts;
    CURL *easy;
    struct curl_slist *headers;
    void *whose;
    size_t answer_octets, header_octets;
    bool has_head; /* of its answer, whole */
    char refused[REACH_TEXT_SIZE]; /* an address that may not be reached; "" */
    char fault[CURL_ERROR_SIZE];
};

struct posts {
    struct loop *loop;
    const struct config_callbacks *config;
    CURLM *multi;
    struct event *timer;
    TAILQ_HEAD(, post) under_way;
    void (*done)(void *owner, void *whose, const struct post_answer *answer);
    void *owner;
};

/* ---- libcurl on the loop ---- */

static void post_wipe(struct post *post)
{
    TAILQ_REMOVE(&post->posts->under_way, post, line);
    curl_multi_remove_handle(post->posts->multi, post->easy);
    curl_easy_cleanup(post->easy);
    curl_slist_free_all(post->headers);
    free(post);
}

static void why_write(const struct post *post, CURLcode code, const struct config_callbacks *config,
                      char why[POST_WHY_SIZE])
{
    if (post->refused[0] != '\0')
        snprintf(why, POST_WHY_SIZE, "%s is private, and callbacks: allow doesn't name it", post->refused);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        snprintf(why, POST_WHY_SIZE, "no answer within %lld s", (long long)(config->timeout_ms / 1000));
    else if (code == CURLE_UNSUPPORTED_PROTOCOL && !config->plain_http) /* else it speaks no HTTP */
        snprintf(why, POST_WHY_SIZE, "http:// is not allowed: see callbacks: plain_http");
    else
        snprintf(why, POST_WHY_SIZE, "%.150s", post->fault[0] != '\0' ? post->fault : curl_easy_strerror(code));
    for (char *at = why; *at != '\0'; at++)
        if (*at < 0x20 || *at > 0x7e)
            *at = '?';
}

/* An answer that is cut off behind its head, by us, by it or by its time, is one all the same: who said 2xx has taken what was
 * posted. In a head that isn't whole nothing counts (RFC 9112 8). */
static void answer_read(struct post *post, CURLcode code, struct post_answer *answer)
{
    long status = 0;
    curl_off_t retry_after = 0;
    *answer = (struct post_answer){0};
    curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(post->easy, CURLINFO_RETRY_AFTER, &retry_after);
    bool is_answered = status >= 200 && post->has_head;
    answer->status = is_answered ? (int)status : 0;
    answer->retry_after_s = is_answered && retry_after > 0 ? (int64_t)retry_after : 0;
    if (!is_answered)
        why_write(post, code, post->posts->config, answer->why);
}

static void hear_done(struct posts *posts)
{
    int left;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(posts->multi, &left)) != NULL) {
        struct post *post = NULL;
        struct post_answer answer;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&post);
        answer_read(post, message->data.result, &answer);
        void *whose = post->whose;
        post_wipe(post);
        posts->done(posts->owner, whose, &answer);
    }
}

static void socket_ready(evutil_socket_t fd, short what, void *who)
{
    struct posts *posts = who;
    int running, action = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
                          ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(posts->multi, fd, action, &running);
    hear_done(posts);
}

static void timer_rings(evutil_socket_t fd, short what, void *who)
{
    struct posts *posts = who;
    int running;
    (void)fd, (void)what;
    curl_multi_socket_action(posts->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    hear_done(posts);
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *who, void *its_event)
{
    struct posts *posts = who;
    struct event *event = its_event;
    (void)easy;
    if (event != NULL) {
        event_free(event);
        curl_multi_assign(posts->multi, fd, NULL);
    }
    if (what == CURL_POLL_REMOVE)
        return 0;
    short wanted = (short)(EV_PERSIST | ((what & CURL_POLL_IN) != 0 ? EV_READ : 0) |
                           ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0));
    event = event_new(loop_events(posts->loop), fd, wanted, socket_ready, posts);
    must(event != NULL && event_add(event, NULL) == 0);
    curl_multi_assign(posts->multi, fd, event);
    return 0;
}

static int set_timer(CURLM *multi, long wait_ms, void *who)
{
    struct posts *posts = who;
    struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
    (void)multi;
    if (wait_ms < 0)
        evtimer_del(posts->timer);
    else
        evtimer_add(posts->timer, &wait);
    return 0;
}

/* ---- one request ---- */

static curl_socket_t open_socket(void *who, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct post *post = who;
    char text[REACH_TEXT_SIZE];
    (void)purpose;
    if (!reach_may(&post->posts->config->allow, &address->addr, text)) {
        memcpy(post->refused, text, sizeof post->refused);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t hear_body(char *at, size_t size, size_t count, void *who)
{
    struct post *post = who;
    (void)at;
    post->answer_octets += size * count;
    return post->answer_octets > ANSWER_MOST ? 0 : size * count;
}

static size_t hear_header(char *at, size_t size, size_t count, void *who)
{
    struct post *post = who;
    post->has_head = size * count > 0 && (at[0] == '\r' || at[0] == '\n'); /* another may follow: 100 Continue */
    post->header_octets += size * count;
    return post->header_octets > HEADERS_MOST ? 0 : size * count;
}

static void add_headers(struct post *post, const char *lines)
{
    char line[1024];
    for (size_t length; *lines != '\0'; lines += length + (lines[length] == '\n')) {
        length = strcspn(lines, "\n");
        must(length < sizeof line);
        memcpy(line, lines, length);
        line[length] = '\0';
        post->headers = curl_slist_append(post->headers, line);
    }
    post->headers = curl_slist_append(post->headers, "Expect:"); /* no round trip before a small body */
}

#define SET(option, value) must(curl_easy_setopt(post->easy, option, value) == CURLE_OK)

static void set_limits(struct post *post, const struct config_callbacks *config)
{
    SET(CURLOPT_PROTOCOLS_STR, config->plain_http ? "http,https" : "https");
    SET(CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, config->timeout_ms < CONNECT_MOST ? (long)config->timeout_ms : CONNECT_MOST);
    SET(CURLOPT_MAXLIFETIME_CONN, LIFE_MOST_S);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, ""); /* none of the environment's either */
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a look-up that hangs is left alone, not waited for */
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_CA_CACHE_TIMEOUT, TRUST_MOST_S);
    if (config->ca_file[0] != '\0')
        SET(CURLOPT_CAINFO, config->ca_file);
}

static void set_request(struct post *post, const struct post_request *request)
{
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, "assent/" ASSENT_VERSION);
    add_headers(post, request->headers);
    SET(CURLOPT_HTTPHEADER, post->headers);
    if (strcmp(request->method, "GET") == 0)
        return;
    SET(CURLOPT_POSTFIELDSIZE, (long)strlen(request->body));
    SET(CURLOPT_COPYPOSTFIELDS, request->body);
}

void post_start(struct posts *posts, const struct post_request *request, void *whose)
{
    struct post *post = mem_new(sizeof *post);
    *post = (struct post){.posts = posts, .whose = whose, .easy = curl_easy_init()};
    must(post->easy != NULL);
    SET(CURLOPT_PRIVATE, post);
    SET(CURLOPT_ERRORBUFFER, post->fault);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, post);
    SET(CURLOPT_WRITEFUNCTION, hear_body);
    SET(CURLOPT_WRITEDATA, post);
    SET(CURLOPT_HEADERFUNCTION, hear_header);
    SET(CURLOPT_HEADERDATA, post);
    set_limits(post, posts->config);
    set_request(post, request);
    TAILQ_INSERT_TAIL(&posts->under_way, post, line);
    must(curl_multi_add_handle(posts->multi, post->easy) == CURLM_OK);
}

/* ---- life ---- */

struct posts *posts_open(struct loop *loop, const struct config_callbacks *config,
                         void (*done)(void *owner, void *whose, const struct post_answer *answer), void *owner)
{
    struct posts *posts = mem_new(sizeof *posts);
    must(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    *posts = (struct posts){
        .loop = loop, .config = config, .multi = curl_multi_init(), .done = done, .owner = owner};
    TAILQ_INIT(&posts->under_way);
    posts->timer = evtimer_new(loop_events(loop), timer_rings, posts);
    must(posts->multi != NULL && posts->timer != NULL);
    if ((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS) == 0)
        log_warn("this libcurl looks names up while everything waits: receivers should be named by address");
    curl_multi_setopt(posts->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(posts->multi, CURLMOPT_SOCKETDATA, posts);
    curl_multi_setopt(posts->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(posts->multi, CURLMOPT_TIMERDATA, posts);
    curl_multi_setopt(posts->multi, CURLMOPT_MAXCONNECTS, IDLE_MOST);
    return posts;
}

void posts_configure(struct posts *posts, const struct config_callbacks *config)
{
    posts->config = config;
}

void posts_close(struct posts *posts)
{
    if (posts == NULL)
        return;
    while (!TAILQ_EMPTY(&posts->under_way))
        post_wipe(TAILQ_FIRST(&posts->under_way));
    curl_multi_cleanup(posts->multi);
    event_free(posts->timer);
    free(posts);
}
