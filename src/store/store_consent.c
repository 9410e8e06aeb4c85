/* The standing of numbers, who is out, and the acts that were posted. */
#include "store_parts.h"

#include "base/must.h"

static void read_consent(struct row *row, void *out)
{
    struct consent *consent = out;
    consent->number = (uint64_t)row_int(row);
    consent->program = row_int(row);
    consent->has_opted_in = row_int(row) == 1; /* what is odd is no yes */
    consent->seq = row_int(row);
    consent->since = row_int(row);
    consent->collected_at = row_int(row);
    consent->lifted_seq = row_int(row);
    consent->why = row_text(row);
    consent->confirmation = (enum consent_confirmation)row_small(row);
    consent->confirmation_since = row_int(row);
    consent->confirmation_tries = row_small(row);
    consent->review = row_int(row);
    consent->awaits_yes = row_small(row) != 0; /* what is odd is no yes */
    consent->implied_until = row_int(row);
    consent->timezone = row_text(row);
    consent->postal_code = row_text(row);
    consent->language = row_text(row);
}

static const struct shape consents = {sizeof(struct consent), read_consent};

/* Numbers have 50 bits. */
int64_t store_consent_place(uint64_t number, int64_t program)
{
    must(number < UINT64_C(1) << 50 && program >= 0 && program < PROGRAM_LIMIT);
    return (int64_t)(number * PROGRAM_LIMIT) + program;
}

static struct value of_place(uint64_t number, int64_t program)
{
    return of_int(store_consent_place(number, program));
}

void store_consent_put(struct store *store, const struct consent *consent)
{
    sql_write(store, SQL_CONSENT_PUT,
              BIND(of_place(consent->number, consent->program), of_int(consent->has_opted_in), of_int(consent->seq), of_int(consent->since),
                   of_int(consent->collected_at), of_int(consent->lifted_seq),
                   of_octets(octets_text(consent->why)), of_int(consent->confirmation),
                   of_int(consent->confirmation_since), of_int(consent->confirmation_tries),
                   of_int(consent->review), of_int(consent->awaits_yes),
                   of_int(consent->implied_until), of_octets(octets_text(consent->timezone)),
                   of_octets(octets_text(consent->postal_code)),
                   of_octets(octets_text(consent->language))));
}

enum store_result store_consent_get(struct store *store, uint64_t number, int64_t program,
                                    struct region *region, struct consent *out)
{
    return sql_get(store, SQL_CONSENT_GET, BIND(of_place(number, program)), &consents, region, out);
}

enum store_result store_consents_of(struct store *store, uint64_t number, struct region *region,
                                    struct consent *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_CONSENTS_OF,
                    BIND(of_place(number, 0), of_place(number, PROGRAM_LIMIT - 1), of_limit(limit)),
                    &consents, region, out, limit, count);
}

enum store_result store_consent_list(struct store *store, int64_t after, struct region *region,
                                     struct consent *out, size_t limit, size_t *count)
{
    return sql_list(store, SQL_CONSENT_LIST, BIND(of_int(after), of_limit(limit)), &consents, region,
                    out, limit, count);
}

enum store_result store_consent_unconfirmed(struct store *store, int64_t before_ms,
                                            struct region *region, struct consent *out,
                                            size_t limit, size_t *count)
{
    return sql_list(store, SQL_CONSENT_UNCONFIRMED, BIND(of_int(before_ms), of_limit(limit)),
                    &consents, region, out, limit, count);
}

/* ---- opt-outs ---- */

static void read_optout(struct row *row, void *out)
{
    struct optout *optout = out;
    optout->number = (uint64_t)row_int(row);
    optout->scope = (enum optout_scope)row_small(row);
    optout->name = row_text(row);
    optout->seq = row_int(row);
    optout->at = row_int(row);
    optout->inbound = row_int(row);
    optout->how = row_text(row);
    optout->voids = row_int(row);
}

static const struct shape optouts = {sizeof(struct optout), read_optout};

void store_optout_put(struct store *store, const struct optout *optout)
{
    sql_write(store, SQL_OPTOUT_PUT,
              BIND(of_number(optout->number), of_int(optout->scope), of_text(optout->name),
                   of_int(optout->seq), of_int(optout->at), of_int(optout->inbound),
                   of_octets(octets_text(optout->how)), of_int(optout->voids)));
}

/* Hardly anybody has one, and a few have many: the list grows until it holds them. */
enum store_result store_optouts_of(struct store *store, uint64_t number, struct region *region,
                                   struct optout **out, size_t *count)
{
    for (size_t limit = 8;; limit *= 8) {
        *out = region_get(region, limit * sizeof **out);
        enum store_result result =
            sql_list(store, SQL_OPTOUTS_OF, BIND(of_number(number), of_limit(limit)), &optouts,
                     region, *out, limit, count);
        if (result == STORE_FAILED || *count < limit)
            return result;
    }
}

enum store_result store_optout_list(struct store *store, const struct optout *after,
                                    struct region *region, struct optout *out, size_t limit,
                                    size_t *count)
{
    return sql_list(store, SQL_OPTOUT_LIST,
                    BIND(of_number(after->number), of_int(after->scope), of_text(after->name),
                         of_limit(limit)),
                    &optouts, region, out, limit, count);
}

/* ---- suppressions ---- */

static void read_suppression(struct row *row, void *out)
{
    struct suppression_row *suppression = out;
    read_optout(row, &suppression->optout);
    suppression->recorded_at = row_text(row);
    suppression->payload = row_text(row);
}

static const struct shape suppressions = {sizeof(struct suppression_row), read_suppression};

enum store_result store_suppression_list(struct store *store, const struct suppression_filter *filter,
                                         struct region *region, struct suppression_row *out,
                                         size_t limit, size_t *count)
{
    return sql_list(store,
                    filter->number != 0 ? SQL_SUPPRESSION_LIST_NUMBER : SQL_SUPPRESSION_LIST,
                    BIND(of_number(filter->number), of_text(filter->kind),
                         of_int(filter->after == 0 ? INT64_MAX : filter->after), of_limit(limit)),
                    &suppressions, region, out, limit, count);
}

void store_suppression_drop(struct store *store, uint64_t number, const char *kind)
{
    sql_write(store, SQL_SUPPRESSION_DROP,
              BIND(of_number(number), of_int(OPTOUT_NUMBER), of_text(kind)));
}

/* ---- acts ---- */

enum store_result store_act_find(struct store *store, const uint8_t digest[32], int64_t *seq)
{
    return sql_get_int(store, SQL_ACT_FIND, BIND(of_blob(digest, 32)), seq);
}

void store_act_put(struct store *store, const uint8_t digest[32], int64_t seq)
{
    sql_write(store, SQL_ACT_PUT, BIND(of_blob(digest, 32), of_int(seq)));
}
