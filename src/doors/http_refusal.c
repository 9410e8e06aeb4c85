/* How a guest is told no: what is written in the place of evhttp, and until when it may linger. */
#include <event2/buffer.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/must.h"
#include "base/tls.h"
#include "http_guest.h"

#define REFUSED_MOST 200 /* that linger at a time; more are ended at once */

/* ---- evhttp's callbacks ---- */

static void callbacks_take(struct guest *guest, bufferevent_data_cb on_read, bufferevent_data_cb on_write,
                           bufferevent_event_cb on_event)
{
    if (!guest->is_taken)
        bufferevent_getcb(guest->stream, &guest->on_read, &guest->on_write, &guest->on_event, &guest->evhttp);
    guest->is_taken = true;
    bufferevent_setcb(guest->stream, on_read, on_write, on_event, guest);
}

void guest_return_callbacks(struct guest *guest)
{
    if (guest->is_taken)
        bufferevent_setcb(guest->stream, guest->on_read, guest->on_write, guest->on_event, guest->evhttp);
    guest->is_taken = false;
}

/* ---- refusing ---- */

static void refused_reads(struct bufferevent *stream, void *owner)
{
    struct evbuffer *input = bufferevent_get_input(stream);
    (void)owner;
    evbuffer_drain(input, evbuffer_get_length(input));
}

/* It has been told. The socket is closed once it has closed its side: what it still sends would otherwise reset the
 * connection, and take the answer with it (RFC 9112 9.6). */
static void refused_has_written(struct bufferevent *stream, void *owner)
{
    struct guest *guest = owner;
    (void)stream;
    shutdown(guest->fd, SHUT_WR);
}

static void refused_happens(struct bufferevent *stream, short what, void *owner)
{
    (void)stream;
    if ((what & BEV_EVENT_CONNECTED) == 0)
        guest_end(owner);
}

static const char *phrase_of(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {{400, "Bad Request"},        {401, "Unauthorized"},
                   {403, "Forbidden"},          {405, "Method Not Allowed"},
                   {408, "Request Timeout"},    {411, "Length Required"},
                   {413, "Content Too Large"},  {417, "Expectation Failed"},
                   {429, "Too Many Requests"},  {431, "Request Header Fields Too Large"},
                   {503, "Service Unavailable"}, {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Refused";
}

static void refusal_write(struct evbuffer *output, const struct answer *answer, const char *lines, bool has_no_body)
{
    const char *name = answer->header == NULL ? "" : answer->header;
    evbuffer_add_printf(output,
                        "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
                        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n%s%s%s%s%s\r\n",
                        answer->status, phrase_of(answer->status), answer->type, answer->body.length, name,
                        *name == '\0' ? "" : ": ", *name == '\0' ? "" : answer->value, *name == '\0' ? "" : "\r\n", lines);
    if (!has_no_body)
        evbuffer_add(output, answer->body.at, answer->body.length);
}

void guest_refuse(struct guest *guest, const struct answer *answer, const char *why)
{
    struct guests *guests = guest->guests;
    bool has_no_body = strcmp(head_method(&guest->head), "HEAD") == 0;
    log_info("http refused status=%d peer=%s why=\"%s\"", answer->status, guest->address, why);
    if (guests->refused >= REFUSED_MOST) {
        guest_show_out(guest, "too many are being refused");
        return;
    }
    guest_turn_to(guest, GUEST_REFUSED);
    guest_leave_room(guest);
    callbacks_take(guest, refused_reads, refused_has_written, refused_happens);
    refused_reads(guest->stream, guest);
    guests->octets -= guest->unasked;
    guest->octets -= guest->unasked;
    guest->unasked = guest->unread = 0;
    refusal_write(bufferevent_get_output(guest->stream), answer, guests->events->lines(guests->owner, &guest->head),
                  has_no_body);
    bufferevent_enable(guest->stream, EV_READ | EV_WRITE);
}

void guest_refuse_as(struct guest *guest, enum verdict verdict, const char *why)
{
    struct answer answer = guest->guests->events->refuse(guest->guests->owner, verdict, why);
    guest_refuse(guest, &answer, why);
}

/* ---- TLS ---- */

/* What speaks plain HTTP where TLS is spoken is told so, in plain HTTP. */
static void plain_refuse(struct guest *guest)
{
    static const char why[] = "plain HTTP was spoken to a door of TLS: use https://";
    struct answer answer = guest->guests->events->refuse(guest->guests->owner, VERDICT_MALFORMED, why);
    struct evbuffer *text = evbuffer_new();
    must(text != NULL);
    log_info("http refused status=%d peer=%s why=\"%s\"", answer.status, guest->address, why);
    refusal_write(text, &answer, "", false);
    evbuffer_write(text, guest->fd);
    evbuffer_free(text);
}

static void shaking_ends(struct bufferevent *stream, short what, void *owner)
{
    struct guest *guest = owner;
    guest_return_callbacks(guest);
    if ((what & BEV_EVENT_ERROR) != 0 && tls_bufferevent_heard_http(stream))
        plain_refuse(guest);
    guest->on_event(stream, what, guest->evhttp);
}

void guest_shake(struct guest *guest)
{
    callbacks_take(guest, NULL, NULL, shaking_ends);
}
