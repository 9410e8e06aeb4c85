/* What a guest asks, before evhttp sees it: where its request ends, whether that is welcome, and whether there is room for its body. */
#include <event2/buffer.h>
#include <stdio.h>

#include "base/must.h"
#include "http_guest.h"

/* Of a body that is too large for all: room, or none is left. */
static bool room_take(struct guest *guest, size_t body)
{
    struct guests *guests = guest->guests;
    size_t more = body <= HTTP_BODY_LIMIT || body <= guest->room ? 0 : body - guest->room;
    if (more > 0 && !guests_have_room(guests, more))
        return false;
    guests->room_taken += more;
    guest->room += more;
    return true;
}

static bool body_fits(struct guest *guest)
{
    char why[HTTP_WHY_SIZE];
    size_t body = guest->head.body;
    if (body > guest->body_limit) {
        snprintf(why, sizeof why, "the body has %s%zu octets, and %zu are allowed",
                 guest->head.is_chunked ? "more than " : "", guest->head.is_chunked ? guest->body_limit : body,
                 guest->body_limit);
        guest_refuse_as(guest, VERDICT_TOO_LARGE, why);
        return false;
    }
    if (room_take(guest, body))
        return true;
    guest_refuse_as(guest, VERDICT_UNAVAILABLE, "too many large bodies are on their way at once");
    return false;
}

static bool is_welcome(struct guest *guest)
{
    struct guests *guests = guest->guests;
    struct answer refusal = {0};
    guest->body_limit = guests->events->admit(guests->owner, &guest->head, guest->address, &refusal);
    if (guest->body_limit > 0)
        return true;
    guest_refuse(guest, &refusal, "its head is not welcome");
    return false;
}

static struct octets unread_piece(const struct guest *guest)
{
    struct evbuffer_ptr from;
    struct evbuffer_iovec piece;
    struct evbuffer *input = bufferevent_get_input(guest->stream);
    if (guest->unread == 0 || guest->head.state == HEAD_BODY)
        return octets_of(NULL, guest->unread); /* which nobody looks at */
    must(evbuffer_ptr_set(input, &from, evbuffer_get_length(input) - guest->unread, EVBUFFER_PTR_SET) == 0 &&
         evbuffer_peek(input, -1, &from, &piece, 1) > 0);
    return octets_of(piece.iov_base, piece.iov_len);
}

void guest_read_on(struct guest *guest)
{
    struct head *head = &guest->head;
    while (!guest->is_last && guest->phase <= GUEST_ASKING && head->state != HEAD_WHOLE &&
           (guest->unread > 0 || head->state == HEAD_READ)) {
        if (head->state == HEAD_READ && !is_welcome(guest))
            return;
        if (guest->phase == GUEST_RESTING)
            guest_turn_to(guest, GUEST_ASKING);
        guest->unread -= head_add(head, unread_piece(guest));
        if (head->state == HEAD_BROKEN)
            guest_refuse_as(guest, head->fault, head->why);
        else if (head->state > HEAD_READ && !body_fits(guest))
            return;
    }
}
