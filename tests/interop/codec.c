/* codec: PDUs made at random, each written by our codec and by libsmpp34, each read by the other.
 * The octets have to be the same, and every field and TLV has to come out of both as it went in.
 * What libsmpp34 has no structure for (what is only in 3.3 or 5.0, error responses with a TLV)
 * isn't made. usage: codec COUNT SEED */
#include <stddef.h>
#include <stdint.h>

#include <libsmpp34/smpp34_structs.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "smpp/pdu.h"

#define FRAME_MOST 70000
#define TLVS_MOST  6
#define LIST_MOST  8
#define TEXT_MOST  1024

/* ---- what stands where in their structures ---- */

enum place_kind { IS_END, IS_NUMBER, IS_TEXT, IS_OCTETS, IS_TLVS, IS_DESTS, IS_FAILURES };

struct place {
    const char *name;
    enum place_kind kind;
    size_t at, room;
};

#define PLACES_MOST 24

#define PLACE(kind, name, room)                                                                    \
    *places++ = (struct place)                                                                     \
    {                                                                                              \
#name, kind, offsetof(THEIRS, name), room                                                  \
    }
#define U08(of, name, words)         PLACE(IS_NUMBER, name, 1)
#define C_OCTET(of, name, room)      PLACE(IS_TEXT, name, room)
#define O_C_OCTET(of, name, room)    PLACE(IS_TEXT, name, room)
#define OCTET8(of, name, room, size) PLACE(IS_OCTETS, name, room)
#define TLV(of, name, rows)          PLACE(IS_TLVS, name, 0)
#define DAD(of, name, rows)          PLACE(IS_DESTS, name, 0)
#define UDAD(of, name, rows)         PLACE(IS_FAILURES, name, 0)

#define NAME bind_receiver
#include "tests/interop/codec_form.h"
#define NAME bind_receiver_resp
#include "tests/interop/codec_form.h"
#define NAME bind_transmitter
#include "tests/interop/codec_form.h"
#define NAME bind_transmitter_resp
#include "tests/interop/codec_form.h"
#define NAME bind_transceiver
#include "tests/interop/codec_form.h"
#define NAME bind_transceiver_resp
#include "tests/interop/codec_form.h"
#define NAME outbind
#include "tests/interop/codec_form.h"
#define NAME submit_sm
#include "tests/interop/codec_form.h"
#define NAME submit_sm_resp
#include "tests/interop/codec_form.h"
#define NAME submit_multi
#include "tests/interop/codec_form.h"
#define NAME submit_multi_resp
#include "tests/interop/codec_form.h"
#define NAME deliver_sm
#include "tests/interop/codec_form.h"
#define NAME deliver_sm_resp
#include "tests/interop/codec_form.h"
#define NAME data_sm
#include "tests/interop/codec_form.h"
#define NAME data_sm_resp
#include "tests/interop/codec_form.h"
#define NAME query_sm
#include "tests/interop/codec_form.h"
#define NAME query_sm_resp
#include "tests/interop/codec_form.h"
#define NAME cancel_sm
#include "tests/interop/codec_form.h"
#define NAME replace_sm
#include "tests/interop/codec_form.h"
#define NAME alert_notification
#include "tests/interop/codec_form.h"

static void no_places(struct place *places)
{
    places->kind = IS_END;
}

static struct form {
    uint32_t id;
    void (*lay)(struct place *places);
    struct place places[PLACES_MOST];
} forms[] = {
#define FORM(name) {.id = SMPP_##name, .lay = name##_places},
#define BARE(name) {.id = SMPP_##name, .lay = no_places},
    FORM(bind_receiver) FORM(bind_receiver_resp) FORM(bind_transmitter) FORM(bind_transmitter_resp)
        FORM(bind_transceiver) FORM(bind_transceiver_resp) FORM(outbind) FORM(submit_sm)
            FORM(submit_sm_resp) FORM(submit_multi) FORM(submit_multi_resp) FORM(deliver_sm)
                FORM(deliver_sm_resp) FORM(data_sm) FORM(data_sm_resp) FORM(query_sm)
                    FORM(query_sm_resp) FORM(cancel_sm) FORM(replace_sm) FORM(alert_notification)
                        BARE(cancel_sm_resp) BARE(replace_sm_resp) BARE(unbind) BARE(unbind_resp)
                            BARE(enquire_link) BARE(enquire_link_resp) BARE(generic_nack)};
#define FORM_COUNT (sizeof forms / sizeof *forms)

/* Any of their structures; all begin with the header. */
union theirs {
    unbind_t header;
    submit_sm_t submit_sm;
    submit_multi_t submit_multi;
    data_sm_t data_sm;
    alert_notification_t alert_notification;
    uint8_t octets[4096];
};

/* ---- chance ---- */

static uint64_t chance;

static uint32_t any(uint32_t below)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (uint32_t)(chance >> 32) % below;
}

/* ---- one PDU, and all that it borrows ---- */

struct made {
    struct pdu pdu;
    struct tlv tlvs[TLVS_MOST];
    bool is_plain[TLVS_MOST]; /* to them the TLV is octets there, and no number */
    struct pdu_entry entries[LIST_MOST];
    uint8_t text[32 * TEXT_MOST];
    size_t text_at;
    const struct form *form;
};

static struct octets any_octets(struct made *made, size_t length, uint32_t first, uint32_t values)
{
    uint8_t *at = made->text + made->text_at;
    made->text_at += length;
    must(made->text_at <= sizeof made->text);
    for (size_t i = 0; i < length; i++)
        at[i] = (uint8_t)(first + any(values));
    return octets_of(at, length);
}

static struct octets any_text(struct made *made, size_t room)
{
    return any_octets(made, any((uint32_t)room), ' ', 0x5F);
}

/* They know no others. */
static uint8_t any_ton(void)
{
    return (uint8_t)any(7);
}

static uint8_t any_npi(void)
{
    static const uint8_t npis[] = {0, 1, 3, 4, 6, 8, 9, 10, 14, 18};
    return npis[any(sizeof npis)];
}

static uint8_t any_number(const char *name)
{
    size_t length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, "_ton") == 0)
        return any_ton();
    if (length > 4 && strcmp(name + length - 4, "_npi") == 0)
        return any_npi();
    if (strcmp(name, "interface_version") == 0)
        return 0x34;
    return (uint8_t)any(256);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static const struct place *place_find(const struct form *form, const char *name)
{
    for (const struct place *place = form->places; place->kind != IS_END; place++)
        if (strcmp(place->name, name) == 0)
            return place;
    return NULL;
}

static const struct place *place_of_kind(const struct form *form, enum place_kind kind)
{
    const struct place *place = form->places;
    while (place->kind != IS_END && place->kind != kind)
        place++;
    return place->kind == IS_END ? NULL : place;
}

static void *member(struct made *made, const struct pdu_field *field)
{
    return (uint8_t *)&made->pdu + field->offset;
}

static void make_list(struct made *made, const struct pdu_field *field)
{
    bool is_dests = field->kind == FIELD_DESTS;
    struct pdu_list *list = member(made, field);
    *list = (struct pdu_list){.entries = made->entries, .count = is_dests + any(LIST_MOST)};
    for (size_t i = 0; i < list->count; i++) {
        bool is_named = is_dests && any(4) == 0;
        made->entries[i] = (struct pdu_entry){.dest_flag = (uint8_t)(is_dests ? 1 + is_named : 0),
                                              .ton = is_named ? 0 : any_ton(),
                                              .npi = is_named ? 0 : any_npi(),
                                              .text = any_text(made, 21),
                                              .error_status_code = is_dests ? 0 : any(0x500)};
    }
}

static void make_field(struct made *made, const struct pdu_field *field)
{
    const struct place *place = place_find(made->form, field->name);
    switch (field->kind) {
    case FIELD_U8:
        *(uint8_t *)member(made, field) = any_number(field->name);
        break;
    case FIELD_TEXT:
        must(place != NULL);
        *(struct octets *)member(made, field) = any_text(made, smaller(place->room, field->write));
        break;
    case FIELD_TIME:
        *(struct octets *)member(made, field) =
            any_octets(made, place->room > 16 && any(2) ? 16 : 0, '0', 10);
        break;
    case FIELD_OCTETS:
        *(struct octets *)member(made, field) =
            any_octets(made, any((uint32_t)smaller(place->room, field->write)), 0, 256);
        break;
    case FIELD_DESTS:
    case FIELD_FAILURES:
        make_list(made, field);
        break;
    default: /* counts follow from what they count */
        break;
    }
}

static struct tlv any_tlv(struct made *made, const struct tlv_row *row)
{
    static const size_t widths[] = {[TLV_KIND_U8] = 1, [TLV_KIND_U16] = 2, [TLV_KIND_U32] = 4};
    size_t most = smaller(row->most, TEXT_MOST);
    size_t length = row->least + any((uint32_t)(most - row->least + 1));
    if (row->kind < TLV_KIND_TEXT)
        length = widths[row->kind];
    bool is_text = row->kind == TLV_KIND_TEXT;
    return (struct tlv){.tag = row->tag,
                        .value = is_text ? any_octets(made, length - 1, ' ', 0x5F)
                                         : any_octets(made, length, 0, 256)};
}

static void make_header(struct made *made, const struct form *form)
{
    memset(made, 0, sizeof *made);
    made->form = form;
    made->pdu.command_id = form->id;
    made->pdu.sequence_number = 1 + any(0x7FFFFFFF);
    made->pdu.tlvs = made->tlvs;
}

static void make_body(struct made *made)
{
    for (const struct pdu_field *field = pdu_command_find(made->form->id)->body;
         field->kind != FIELD_END; field++)
        make_field(made, field);
}

/* ---- the same in their structure ---- */

struct theirs_room {
    union theirs pdu;
    tlv_t tlvs[TLVS_MOST];
    dad_t dests[LIST_MOST];
    udad_t failures[LIST_MOST];
};

static void put_text(uint8_t *at, struct octets text)
{
    memcpy(at, text.at, text.length);
    at[text.length] = '\0';
}

static void put_tlv(const struct tlv *from, bool is_plain, tlv_t *to)
{
    const struct tlv_row *row = pdu_tag_find(from->tag);
    size_t nul = row->kind == TLV_KIND_TEXT;
    *to = (tlv_t){.tag = from->tag, .length = (uint16_t)(from->value.length + nul)};
    const uint8_t *at = from->value.at;
    if (row->kind == TLV_KIND_U16 && !is_plain)
        to->value.val16 = (uint16_t)(at[0] << 8 | at[1]);
    else if (row->kind == TLV_KIND_U32 && !is_plain)
        to->value.val32 = pdu_u32(at);
    else if (from->value.length > 0)
        memcpy(to->value.octet, at, from->value.length);
}

static void put_tlvs(const struct made *made, struct theirs_room *room)
{
    const struct place *place = place_of_kind(made->form, IS_TLVS);
    for (size_t i = 0; i < made->pdu.tlv_count; i++) {
        put_tlv(&made->tlvs[i], made->is_plain[i], &room->tlvs[i]);
        room->tlvs[i].next = i + 1 < made->pdu.tlv_count ? &room->tlvs[i + 1] : NULL;
    }
    if (place != NULL && made->pdu.tlv_count > 0)
        *(tlv_t **)(void *)(room->pdu.octets + place->at) = room->tlvs;
}

static void put_dests(const struct pdu_list *list, struct theirs_room *room, uint8_t *at)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct pdu_entry *entry = &list->entries[i];
        dad_t *to = &room->dests[i];
        *to = (dad_t){.dest_flag = entry->dest_flag, .next = i + 1 < list->count ? to + 1 : NULL};
        if (entry->dest_flag == 2) {
            put_text(to->value.dl_name, entry->text);
            continue;
        }
        to->value.sme.dest_addr_ton = entry->ton;
        to->value.sme.dest_addr_npi = entry->npi;
        put_text(to->value.sme.destination_addr, entry->text);
    }
    *(dad_t **)(void *)at = room->dests;
}

static void put_failures(const struct pdu_list *list, struct theirs_room *room, uint8_t *at)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct pdu_entry *entry = &list->entries[i];
        udad_t *to = &room->failures[i];
        *to = (udad_t){.dest_addr_ton = entry->ton,
                       .dest_addr_npi = entry->npi,
                       .error_status_code = entry->error_status_code,
                       .next = i + 1 < list->count ? to + 1 : NULL};
        put_text(to->destination_addr, entry->text);
    }
    *(udad_t **)(void *)at = list->count > 0 ? room->failures : NULL;
}

static const struct pdu_field *field_find(const struct made *made, const char *name)
{
    const struct pdu_field *field = pdu_command_find(made->form->id)->body;
    while (field->kind != FIELD_END && strcmp(field->name, name) != 0)
        field++;
    return field->kind == FIELD_END ? NULL : field;
}

/* What a place of theirs holds when ours holds this; counts, which ours computes, from what they
 * count. */
static uint8_t number_of(struct made *made, const char *name)
{
    if (strcmp(name, "sm_length") == 0)
        return (uint8_t)made->pdu.short_message.length;
    if (strcmp(name, "number_of_dests") == 0)
        return (uint8_t)made->pdu.dest_address.count;
    if (strcmp(name, "no_unsuccess") == 0)
        return (uint8_t)made->pdu.unsuccess_sme.count;
    return *(uint8_t *)member(made, field_find(made, name));
}

static void put_place(struct made *made, const struct place *place, struct theirs_room *room)
{
    uint8_t *at = room->pdu.octets + place->at;
    struct octets text;
    switch (place->kind) {
    case IS_NUMBER:
        *at = number_of(made, place->name);
        break;
    case IS_TEXT:
        put_text(at, *(struct octets *)member(made, field_find(made, place->name)));
        break;
    case IS_OCTETS:
        text = *(struct octets *)member(made, field_find(made, place->name));
        memcpy(at, text.at, text.length);
        break;
    case IS_DESTS:
        put_dests(&made->pdu.dest_address, room, at);
        break;
    case IS_FAILURES:
        put_failures(&made->pdu.unsuccess_sme, room, at);
        break;
    default:
        break;
    }
}

static void put(struct made *made, struct theirs_room *room)
{
    memset(room, 0, sizeof *room);
    room->pdu.header.command_id = made->pdu.command_id;
    room->pdu.header.sequence_number = made->pdu.sequence_number;
    for (const struct place *place = made->form->places; place->kind != IS_END; place++)
        put_place(made, place, room);
    put_tlvs(made, room);
}

/* ---- judging ---- */

static _Noreturn void differ(const struct made *made, const char *what, struct octets ours,
                             struct octets theirs)
{
    static char hex[2 * FRAME_MOST + 1];
    printf("%s: %s\n", pdu_command_name(made->form->id), what);
    octets_to_hex(ours, hex);
    printf("  ours   %s\n", hex);
    octets_to_hex(theirs, hex);
    printf("  theirs %s\n", hex);
    exit(1);
}

/* They turn the order of a list when they read it; there it has no meaning, here each entry is
 * looked for. */
static bool tlv_is_in(const struct made *made, size_t which, const tlv_t *list)
{
    tlv_t same;
    put_tlv(&made->tlvs[which], made->is_plain[which], &same);
    size_t size = made->tlvs[which].value.length;
    for (; list != NULL; list = list->next)
        if (list->tag == same.tag && list->length == same.length &&
            memcmp(&list->value, &same.value, size) == 0)
            return true;
    return false;
}

static bool tlvs_are_read(const struct made *made, const union theirs *theirs)
{
    const struct place *place = place_of_kind(made->form, IS_TLVS);
    if (place == NULL)
        return made->pdu.tlv_count == 0;
    const tlv_t *list = *(tlv_t *const *)(const void *)(theirs->octets + place->at);
    size_t count = 0;
    for (const tlv_t *each = list; each != NULL; each = each->next)
        count++;
    for (size_t i = 0; i < made->pdu.tlv_count; i++)
        if (!tlv_is_in(made, i, list))
            return false;
    return count == made->pdu.tlv_count;
}

static bool entry_is_same(const struct pdu_entry *a, const struct pdu_entry *b)
{
    return octets_equal(a->text, b->text) && a->dest_flag == b->dest_flag && a->ton == b->ton &&
           a->npi == b->npi && a->error_status_code == b->error_status_code;
}

static bool list_is_read(const struct pdu_list *list, const struct pdu_entry *read, size_t count)
{
    for (size_t i = 0; i < list->count; i++) {
        size_t at = 0;
        while (at < count && !entry_is_same(&list->entries[i], &read[at]))
            at++;
        if (at == count)
            return false;
    }
    return count == list->count;
}

static bool dests_are_read(const struct pdu_list *list, const dad_t *theirs)
{
    struct pdu_entry read[2 * LIST_MOST];
    size_t count = 0;
    for (; theirs != NULL && count < 2 * LIST_MOST; theirs = theirs->next) {
        bool is_named = theirs->dest_flag == 2;
        const uint8_t *text = is_named ? theirs->value.dl_name : theirs->value.sme.destination_addr;
        read[count++] = (struct pdu_entry){.dest_flag = theirs->dest_flag,
                                           .ton = is_named ? 0 : theirs->value.sme.dest_addr_ton,
                                           .npi = is_named ? 0 : theirs->value.sme.dest_addr_npi,
                                           .text = octets_text((const char *)text)};
    }
    return list_is_read(list, read, count);
}

static bool failures_are_read(const struct pdu_list *list, const udad_t *theirs)
{
    struct pdu_entry read[2 * LIST_MOST];
    size_t count = 0;
    for (; theirs != NULL && count < 2 * LIST_MOST; theirs = theirs->next)
        read[count++] =
            (struct pdu_entry){.ton = theirs->dest_addr_ton,
                               .npi = theirs->dest_addr_npi,
                               .text = octets_text((const char *)theirs->destination_addr),
                               .error_status_code = theirs->error_status_code};
    return list_is_read(list, read, count);
}

static bool place_is_read(struct made *made, const struct place *place, const union theirs *theirs)
{
    const uint8_t *at = theirs->octets + place->at;
    struct octets text;
    switch (place->kind) {
    case IS_NUMBER:
        return *at == number_of(made, place->name);
    case IS_TEXT:
        text = *(struct octets *)member(made, field_find(made, place->name));
        return octets_equal(text, octets_text((const char *)at));
    case IS_OCTETS:
        text = *(struct octets *)member(made, field_find(made, place->name));
        return octets_equal(text, octets_of(at, text.length));
    case IS_DESTS:
        return dests_are_read(&made->pdu.dest_address, *(dad_t *const *)(const void *)at);
    case IS_FAILURES:
        return failures_are_read(&made->pdu.unsuccess_sme, *(udad_t *const *)(const void *)at);
    default:
        return tlvs_are_read(made, theirs);
    }
}

/* Our octets, in their structure. */
static void theirs_reads(struct made *made, struct octets frame)
{
    static union theirs theirs;
    memset(&theirs, 0, sizeof theirs);
    if (smpp34_unpack2(&theirs, frame.at, (int)frame.length) != 0)
        differ(made, smpp34_strerror, frame, octets_of(NULL, 0));
    if (theirs.header.command_id != made->pdu.command_id || theirs.header.command_status != 0 ||
        theirs.header.sequence_number != made->pdu.sequence_number ||
        theirs.header.command_length != frame.length)
        differ(made, "they read another header", frame, octets_of(NULL, 0));
    for (const struct place *place = made->form->places; place->kind != IS_END; place++)
        if (!place_is_read(made, place, &theirs))
            differ(made, place->name, frame, octets_of(NULL, 0));
}

static bool list_is_same(const struct pdu_list *list, const struct pdu_list *read)
{
    struct pdu_entry entries[2 * LIST_MOST];
    size_t count = 0, at = 0;
    while (count < 2 * LIST_MOST && pdu_entry_next(read, &at, &entries[count]))
        count++;
    return read->count == count && list_is_read(list, entries, count);
}

static bool field_is_same(struct made *made, const struct pdu_field *field, struct pdu *read)
{
    const void *ours = member(made, field), *theirs = (uint8_t *)read + field->offset;
    switch (field->kind) {
    case FIELD_U8:
        return *(const uint8_t *)ours == *(const uint8_t *)theirs;
    case FIELD_COUNT:
        return *(const uint8_t *)theirs == number_of(made, field->name);
    case FIELD_DESTS:
    case FIELD_FAILURES:
        return list_is_same(ours, theirs);
    default:
        return octets_equal(*(const struct octets *)ours, *(const struct octets *)theirs);
    }
}

static bool tlvs_are_same(const struct made *made, const struct pdu *read)
{
    struct tlv tlv;
    size_t count = 0;
    for (size_t at = 0; pdu_tlv_next(read, &at, &tlv); count++) {
        if (count == made->pdu.tlv_count)
            return false;
        const struct tlv *wanted = &made->tlvs[count];
        bool has_nul = pdu_tag_find(wanted->tag)->kind == TLV_KIND_TEXT;
        if (tlv.tag != wanted->tag || tlv.value.length != wanted->value.length + has_nul ||
            !octets_equal(wanted->value, octets_of(tlv.value.at, wanted->value.length)))
            return false;
    }
    return count == made->pdu.tlv_count;
}

/* Their octets, as our decoder reads them. */
static void ours_reads(struct made *made, struct octets frame)
{
    struct pdu read;
    if (pdu_decode(frame, &read) != PDU_OK || read.deviations != 0)
        differ(made, "we can't read what they write", octets_of(NULL, 0), frame);
    for (const struct pdu_field *field = pdu_command_find(made->form->id)->body;
         field->kind != FIELD_END; field++)
        if (!field_is_same(made, field, &read))
            differ(made, field->name, octets_of(NULL, 0), frame);
    if (read.sequence_number != made->pdu.sequence_number || !tlvs_are_same(made, &read))
        differ(made, "we read another header or other TLVs", octets_of(NULL, 0), frame);
}

static struct octets ours_writes(const struct made *made)
{
    static uint8_t frame[FRAME_MOST];
    size_t length;
    must(pdu_encode(&made->pdu, frame, sizeof frame, &length));
    return octets_of(frame, length);
}

static struct octets theirs_writes(struct made *made)
{
    static struct theirs_room room;
    static uint8_t frame[FRAME_MOST];
    int length = 0;
    put(made, &room);
    if (smpp34_pack2(frame, sizeof frame, &length, &room.pdu) != 0)
        differ(made, smpp34_strerror, ours_writes(made), octets_of(NULL, 0));
    return octets_of(frame, (size_t)length);
}

/* ---- which TLVs they know, and in which PDU ---- */

struct known {
    const struct tlv_row *row;
    bool is_plain;
};

struct known_tlvs {
    struct known tlvs[200];
    size_t count;
};

static void make_tlv(struct made *made, const struct known *known)
{
    made->is_plain[made->pdu.tlv_count] = known->is_plain;
    made->tlvs[made->pdu.tlv_count++] = any_tlv(made, known->row);
}

/* They refuse a TLV that isn't in the PDU's own list, or take it for octets. */
static bool tlv_is_known(const struct form *form, struct known *known)
{
    static struct made made;
    static union theirs theirs;
    make_header(&made, form);
    make_body(&made);
    make_tlv(&made, known);
    struct octets frame = ours_writes(&made);
    memset(&theirs, 0, sizeof theirs);
    return smpp34_unpack2(&theirs, frame.at, (int)frame.length) == 0 &&
           tlvs_are_read(&made, &theirs);
}

/* In every length that it may have. */
static bool tlv_is_always_known(const struct form *form, struct known *known)
{
    size_t tries = 40;
    while (tries > 0 && tlv_is_known(form, known))
        tries--;
    return tries == 0;
}

static size_t learn(struct known_tlvs *known, const struct form *form)
{
    size_t count;
    const struct tlv_row *rows = pdu_tags(&count);
    if (place_of_kind(form, IS_TLVS) == NULL)
        return 0;
    for (size_t i = 0; i < 2 * count; i++) {
        struct known tlv = {.row = &rows[i / 2], .is_plain = i % 2 == 1};
        if ((!tlv.is_plain || tlv.row->kind == TLV_KIND_U16 || tlv.row->kind == TLV_KIND_U32) &&
            tlv_is_always_known(form, &tlv))
            known->tlvs[known->count++] = tlv;
    }
    return known->count;
}

static void make_tlvs(struct made *made, const struct known_tlvs *known)
{
    size_t wanted = known->count == 0 ? 0 : any(TLVS_MOST + 1), first = any(1000);
    for (size_t i = 0; i < wanted && i < known->count; i++)
        make_tlv(made, &known->tlvs[(first + i) % known->count]);
}

int main(int argc, char **argv)
{
    static struct known_tlvs known[FORM_COUNT];
    static struct made made;
    size_t tlvs = 0, count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    chance = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 1;
    for (size_t i = 0; i < FORM_COUNT; i++)
        forms[i].lay(forms[i].places);
    for (size_t i = 0; i < FORM_COUNT; i++)
        tlvs += learn(&known[i], &forms[i]);
    for (size_t i = 0; i < count; i++) {
        size_t which = i % FORM_COUNT;
        make_header(&made, &forms[which]);
        make_body(&made);
        make_tlvs(&made, &known[which]);
        struct octets ours = ours_writes(&made), theirs = theirs_writes(&made);
        if (!octets_equal(ours, theirs))
            differ(&made, "the octets are not the same", ours, theirs);
        theirs_reads(&made, ours);
        ours_reads(&made, theirs);
    }
    printf("%zu PDUs of %zu kinds, %zu TLVs where they may stand\n", count, FORM_COUNT, tlvs);
    return count > 0 ? 0 : 2;
}
