#include "inbound/gather.h"

#include "base/must.h"
#include "base/region.h"
#include "smpp/esm_class.h"
#include "smpp/session.h"
#include "smpp/text.h"

/* A part has 160 characters at most (F240). One that is so much longer is no phone's, and stands
 * alone: so a whole text stays below 64 KB. */
#define PIECE_MOST 255

/* ---- which part it is ---- */

static void header_read(struct octets data, struct session *session, struct piece *out)
{
    struct udh udh;
    struct octets text;
    if (!udh_read(data, &udh, &text))
        session_note(session, DEVIATION_header_too_long, NULL); /* F275 */
    if (udh.is_broken)
        session_note(session, DEVIATION_header_broken, NULL); /* F272 */
    if (udh.has_bad_part)
        session_note(session, DEVIATION_part_impossible, "user data header"); /* F274 */
    out->kind = udh.is_wide ? GATHER_UDH16 : GATHER_UDH8;
    out->has_ports = udh.has_ports;
    out->destination_port = udh.destination_port;
    out->source_port = udh.source_port;
    out->mark =
        (struct part_mark){.reference = udh.reference, .total = udh.total, .number = udh.number};
}

static void tlvs_read(const struct pdu *pdu, struct session *session, struct piece *out)
{
    uint32_t destination, source;
    out->kind = GATHER_SAR;
    if (part_mark_of_sar(pdu, &out->mark) &&
        (out->mark.number == 0 || out->mark.number > out->mark.total)) {
        session_note(session, DEVIATION_part_impossible, "sar_segment_seqnum");
        out->mark = (struct part_mark){.total = 0};
    }
    out->has_ports = pdu_tlv_number(pdu, TLV_dest_port, &destination) &&
                     pdu_tlv_number(pdu, TLV_source_port, &source);
    out->destination_port = out->has_ports ? (uint16_t)destination : 0;
    out->source_port = out->has_ports ? (uint16_t)source : 0;
}

void piece_read(const struct pdu *pdu, struct octets data, struct session *session,
                struct piece *out)
{
    struct part_mark unused;
    *out = (struct piece){.kind = GATHER_UDH8};
    if ((pdu->esm_class & ESM_UDHI) == 0) {
        tlvs_read(pdu, session, out);
    } else {
        header_read(data, session, out);
        if (part_mark_of_sar(pdu, &unused))
            session_note(session, DEVIATION_header_beside_sar, NULL); /* F286 */
    }
    if (out->mark.total > 1 && data.length > PIECE_MOST)
        session_note(session, DEVIATION_part_too_long, NULL);
    if (out->mark.total <= 1 || data.length > PIECE_MOST) /* F298 */
        out->mark = (struct part_mark){.total = 0};
}

/* ---- where it belongs ---- */

static const struct inbound_part *part_in(const struct inbound_part *parts, size_t count,
                                          int number)
{
    for (size_t i = 0; i < count; i++)
        if (parts[i].part == number)
            return &parts[i];
    return NULL;
}

static enum gather_fate fate_in(const struct inbound_set *set, const struct inbound_part *twin,
                                const struct inbound_part *part, bool is_whole, bool is_late)
{
    if (twin != NULL && memcmp(twin->digest, part->digest, sizeof part->digest) == 0)
        return GATHER_SEEN;
    if (set->is_open)
        return twin == NULL ? GATHER_JOINS : GATHER_ANEW;
    return twin == NULL && !is_whole && !is_late ? GATHER_LATE : GATHER_FIRST;
}

/* Their octets are not needed, and would fill the turn's memory: 255 parts may come in one. */
static void find_in(struct store *store, struct gather_place *place, const struct inbound_part *part)
{
    size_t count = 0;
    struct region *scratch = region_new();
    struct inbound_part *parts = region_get(scratch, PARTS_MOST * sizeof *parts);
    bool is_read =
        store_in_parts_of(store, place->set.id, scratch, parts, PARTS_MOST, &count) != STORE_FAILED;
    const struct inbound_part *twin = is_read ? part_in(parts, count, part->part) : NULL;
    if (is_read)
        place->fate = fate_in(&place->set, twin, part, count == (size_t)place->set.parts, place->is_late);
    if (twin != NULL) {
        place->twin = *twin;
        place->twin.octets = octets_of(NULL, 0);
    }
    region_free(scratch);
}

void gather_find(struct store *store, struct region *region, const struct inbound_set *like,
                 const struct inbound_part *part, int64_t wait_ms, int64_t now_ms,
                 struct gather_place *out)
{
    *out = (struct gather_place){.fate = GATHER_UNREADABLE};
    enum store_result found = store_set_find(store, like, region, &out->set);
    if (found == STORE_NONE)
        out->fate = GATHER_FIRST;
    if (found != STORE_OK)
        return;
    out->is_late = !out->set.is_open && now_ms > out->set.due_at - GATHER_KNOWN_MS + wait_ms;
    find_in(store, out, part);
}

/* ---- what they hold together ---- */

struct sheet { /* a part, ready to be joined */
    struct octets header, text;
    struct udh udh;
    bool has_high, has_mark; /* octets above 7F; a byte order mark */
};

static bool is_octet_text(enum text_alphabet alphabet)
{
    return alphabet != TEXT_GSM7 && alphabet != TEXT_UCS2;
}

/* Senders end what they send with a NUL (F213); in the middle of a text it would end that. In GSM
 * it may be an @. */
static struct octets without_nul(struct octets text, enum text_alphabet alphabet)
{
    if (is_octet_text(alphabet))
        return text_without_nul(text);
    bool is_wide_nul = alphabet == TEXT_UCS2 && text.length >= 2 && text.length % 2 == 0 &&
                       text.at[text.length - 1] == 0 && text.at[text.length - 2] == 0;
    if (is_wide_nul)
        text.length -= 2;
    return text;
}

static void sheet_read(const struct inbound_part *part, enum text_zero zero, struct region *region,
                       struct sheet *out)
{
    enum text_alphabet alphabet = text_alphabet_of(part->data_coding);
    *out = (struct sheet){.text = part->octets};
    if ((part->esm_class & ESM_UDHI) != 0 && udh_read(part->octets, &out->udh, &out->text))
        out->header = octets_of(part->octets.at, part->octets.length - out->text.length);
    const struct text_source source = {.data_coding = part->data_coding,
                                       .zero = zero,
                                       .header_length = out->header.length};
    out->text = without_nul(text_septets(out->text, &source, region), alphabet);
    for (size_t i = 0; i < out->text.length; i++)
        out->has_high = out->has_high || out->text.at[i] > 0x7F;
    out->has_high = out->has_high && alphabet != TEXT_UCS2;
    out->has_mark = alphabet == TEXT_UCS2 && out->text.length >= 2 &&
                    (out->text.at[0] ^ out->text.at[1]) == 0x01 && out->text.at[0] >= 0xFE;
}

/* The same alphabet in the same shift, and the second doesn't say anew how its octets are to be
 * read. */
static bool are_read_alike(const struct sheet *a, const struct sheet *b)
{
    return a->has_high == b->has_high && !b->has_mark &&
           a->udh.single_shift == b->udh.single_shift &&
           a->udh.locking_shift == b->udh.locking_shift && a->udh.is_binary == b->udh.is_binary;
}

struct join {
    enum text_zero zero;
    struct region *region;
    uint8_t *end; /* of what is written */
    struct sheet last;
    int last_part;
};

static void join_append(struct join *join, struct octets from)
{
    if (from.length > 0)
        memcpy(join->end, from.at, from.length);
    join->end += from.length;
}

static void join_part(struct join *join, const struct inbound_part *part, struct gathered *out)
{
    struct sheet sheet;
    sheet_read(part, join->zero, join->region, &sheet);
    bool is_next = part->part == join->last_part + 1;
    struct gather_run *run = out->count > 0 ? &out->runs[out->count - 1] : NULL;
    if (run == NULL || !is_next || run->data_coding != part->data_coding ||
        !are_read_alike(&join->last, &sheet)) {
        run = &out->runs[out->count++];
        *run = (struct gather_run){.is_behind_gap = !is_next,
                                   .esm_class = part->esm_class,
                                   .data_coding = part->data_coding};
        run->octets = octets_of(join->end, 0);
        join_append(join, sheet.header);
    }
    join_append(join, sheet.text);
    run->octets.length = (size_t)(join->end - run->octets.at);
    join->last = sheet;
    join->last_part = part->part;
}

bool gather_runs(struct store *store, struct region *region, const struct inbound_set *set,
                 enum text_zero zero, struct gathered *out)
{
    size_t count = 0, length = 0;
    struct inbound_part *parts = region_get(region, PARTS_MOST * sizeof *parts);
    *out = (struct gathered){.count = 0};
    if (store_in_parts_of(store, set->id, region, parts, PARTS_MOST, &count) == STORE_FAILED)
        return false;
    for (size_t i = 0; i < count; i++)
        length += parts[i].octets.length;
    length += length / 7 + PARTS_MOST; /* eight septets are packed into seven octets */
    struct join join = {.zero = zero, .region = region, .end = region_get(region, length + 1)};
    for (size_t i = 0; i < count; i++)
        join_part(&join, &parts[i], out);
    out->ends_in_gap = join.last_part < set->parts;
    out->parts_came = (int)count;
    return true;
}

void gather_close(struct store *store, struct inbound_set *set, int64_t now_ms)
{
    set->is_open = false;
    set->due_at = now_ms + GATHER_KNOWN_MS;
    store_set_put(store, set);
    store_in_parts_empty(store, set->id);
}
