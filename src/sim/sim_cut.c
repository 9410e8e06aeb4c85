#include "src/sim/sim_cut.h"

#include <stdlib.h>

#include "base/must.h"

#define ESM_UDHI 0x40
#define ESCAPE   0x1B

bool sim_cut_order(struct sim_cut *cut, const char *words)
{
    cut->count = 0;
    for (const char *at = words;;) {
        char *end;
        unsigned long part = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : 0;
        if (part == 0 || part > SIM_CUT_MOST || cut->count == SIM_CUT_MOST)
            return false;
        cut->order[cut->count++] = (unsigned)part;
        if (*end == '\0')
            return true;
        if (*end != ',')
            return false;
        at = end + 1;
    }
}

bool sim_cut_join(struct sim_cut *cut, const char *word)
{
    static const char *const words[] = {
        [SIM_JOIN_UDH8] = "udh8", [SIM_JOIN_UDH16] = "udh16", [SIM_JOIN_SAR] = "sar"};
    for (enum sim_join join = SIM_JOIN_UDH8; join <= SIM_JOIN_SAR; join++) {
        if (strcmp(word, words[join]) != 0)
            continue;
        cut->join = join;
        return true;
    }
    return false;
}

/* Where part `at` of them begins: no character is cut. */
static size_t begin_of(const struct sim_deliver *whole, struct octets text, unsigned at,
                       unsigned parts)
{
    size_t begin = text.length * at / parts;
    if (whole->data_coding == 0x08)
        begin -= begin % 2;
    bool splits_pair = whole->data_coding == 0x08 && begin >= 2 && begin < text.length &&
                       (text.at[begin] & 0xFC) == 0xDC;
    if (splits_pair)
        return begin - 2;
    bool splits_escape = whole->data_coding == 0 && begin >= 1 && begin < text.length &&
                         text.at[begin - 1] == ESCAPE;
    return splits_escape ? begin - 1 : begin;
}

/* The element that says which part it is, behind what the header has already. */
static void put_header(struct sim_buffer *out, struct octets header, const struct sim_cut *cut,
                       unsigned part)
{
    uint8_t high = (uint8_t)(cut->reference >> 8), low = (uint8_t)cut->reference;
    const uint8_t narrow[] = {0, 3, low, (uint8_t)cut->parts, (uint8_t)part};
    const uint8_t wide[] = {8, 4, high, low, (uint8_t)cut->parts, (uint8_t)part};
    bool is_wide = cut->join == SIM_JOIN_UDH16;
    size_t length = is_wide ? sizeof wide : sizeof narrow;
    uint8_t first = (uint8_t)(length + (header.length > 0 ? header.at[0] : 0));
    sim_buffer_add(out, &first, 1);
    if (header.length > 1)
        sim_buffer_add(out, header.at + 1, header.length - 1);
    sim_buffer_add(out, is_wide ? wide : narrow, length);
}

static const char *post_part(struct sim_post *post, const struct sim_deliver *whole, size_t header,
                             const struct sim_cut *cut, unsigned part, uint64_t *mo, uint64_t *bind)
{
    struct sim_deliver deliver = *whole;
    struct sim_buffer octets = {0};
    struct octets text = octets_of(whole->text.at + header, whole->text.length - header);
    size_t begin = begin_of(whole, text, part - 1, cut->parts);
    size_t end = part == cut->parts ? text.length : begin_of(whole, text, part, cut->parts);
    if (cut->join != SIM_JOIN_SAR) {
        put_header(&octets, octets_of(whole->text.at, header), cut, part);
        deliver.esm_class |= ESM_UDHI;
    } else {
        deliver.sar_total = (uint8_t)cut->parts;
        deliver.sar_part = (uint8_t)part;
        deliver.reference = cut->reference;
    }
    sim_buffer_add(&octets, text.at + begin, end - begin);
    deliver.text = octets_of(octets.at, octets.length);
    const char *fault = octets.length > SIM_SHORT_MESSAGE_MOST && !deliver.is_payload
                            ? "a part is longer than 254 octets: more --parts, or --payload"
                            : sim_post_mo(post, &deliver, mo, bind);
    sim_buffer_wipe(&octets);
    return fault;
}

const char *sim_cut_post(struct sim_post *post, const struct sim_deliver *deliver, size_t header,
                         const struct sim_cut *cut, uint64_t *mo, uint64_t *bind)
{
    must(cut->parts > 0 && header <= deliver->text.length);
    if (cut->join == SIM_JOIN_SAR && header > 0)
        return "--udh and SAR exclude each other";
    const char *fault = NULL;
    size_t count = cut->count == 0 ? cut->parts : cut->count;
    for (size_t i = 0; i < count && fault == NULL; i++) {
        unsigned part = cut->count == 0 ? (unsigned)i + 1 : cut->order[i];
        fault = part > cut->parts ? "--order names a part that there isn't"
                                  : post_part(post, deliver, header, cut, part, mo, bind);
    }
    return fault;
}
