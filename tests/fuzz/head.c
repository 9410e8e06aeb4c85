/* What comes over a connection of the HTTP door: cut anywhere, it is the same requests. */
#include "src/doors/http_head.h"
#include "tests/fuzz/fuzz.h"

struct outcome {
    unsigned requests;
    uint64_t bodies;
    size_t taken;
    enum head_state state;
    enum verdict fault;
};

/* Reads it in steps of so many octets. */
static struct outcome read_all(struct octets input, size_t step)
{
    struct head head = {0};
    struct outcome out = {0};
    while (head.state != HEAD_BROKEN && (out.taken < input.length || head.state == HEAD_READ)) {
        if (head.state == HEAD_WHOLE)
            head_begin(&head);
        size_t left = input.length - out.taken;
        size_t taken = head_add(&head, octets_of(input.at + out.taken, left < step ? left : step));
        out.taken += taken;
        must(taken > 0 || head.state != HEAD_LINES);
        must(head.length <= HEAD_LIMIT && head.field_count <= HEAD_FIELDS);
        if (head.state == HEAD_READ)
            must(*head_method(&head) != '\0' && *head_target(&head) != '\0' && (head.is_1_0 || head_find(&head, "host") != NULL));
        if (head.state == HEAD_WHOLE) {
            out.requests++;
            out.bodies += head.body;
        }
    }
    out.state = head.state;
    out.fault = head.fault;
    must((head.state == HEAD_BROKEN) == (head.why[0] != '\0'));
    head_wipe(&head);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct octets input = octets_of(at, length);
    struct outcome whole = read_all(input, length + 1);
    for (size_t step = 1; step < 8; step += 3) {
        struct outcome cut = read_all(input, step);
        must(cut.requests == whole.requests && cut.bodies == whole.bodies && cut.taken == whole.taken &&
             cut.state == whole.state && cut.fault == whole.fault);
    }
    return 0;
}
