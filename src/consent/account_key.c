/* The API keys of an account. Only their hashes are known. One of the database ends at a time, or when it is told to; those
 * of the config are in force as long as they stand in the file. */
#include <stdio.h>
#include <stdlib.h>

#include "account_parts.h"
#include "base/digest.h"
#include "base/must.h"
#include "store/store.h"

#define ENDED_KEPT_MS (INT64_C(30) * 86400000) /* to be shown; a rotation then forgets them */

static struct account_key *key_append(struct account *account, const uint8_t hash[DIGEST_SIZE])
{
    size_t count = account->key_count;
    if ((count & (count - 1)) == 0) /* the room is a power of two */
        account->keys = mem_grow(account->keys, (count == 0 ? 1 : 2 * count) * sizeof *account->keys);
    struct account_key *key = &account->keys[account->key_count++];
    *key = (struct account_key){0};
    memcpy(key->hash, hash, DIGEST_SIZE);
    octets_to_hex(octets_of(hash, ACCOUNT_KEY_ID_SIZE / 2), key->id);
    return key;
}

void account_keys_from_config(struct account *account, const struct config_account *config)
{
    if (config->api_key.is_set)
        key_append(account, config->api_key.octets);
    if (config->api_key_old.is_set)
        key_append(account, config->api_key_old.octets);
}

void account_keys_from_row(struct account *account, const struct account_key_row *row)
{
    struct account_key *key = key_append(account, row->hash);
    key->created_at = row->created_at;
    key->ends_at = row->ends_at;
}

bool account_key_is_valid(const struct account_key *key, int64_t now_ms)
{
    return key->ends_at == 0 || now_ms < key->ends_at;
}

struct account_key *account_key_find(const struct account *account, const char *id)
{
    for (size_t i = 0; i < account->key_count; i++)
        if (strcmp(account->keys[i].id, id) == 0)
            return &account->keys[i];
    return NULL;
}

bool account_key_stands(const struct account *account, const uint8_t hash[32], int64_t now_ms)
{
    for (size_t i = 0; i < account->key_count; i++)
        if (digest_equal(account->keys[i].hash, hash))
            return account_key_is_valid(&account->keys[i], now_ms);
    return false;
}

/* ---- finding by a key ---- */

/* All are looked at, whichever it is. */
const struct account *accounts_find_key(const struct accounts *accounts, struct octets key,
                                        int64_t now_ms, struct account_key **which)
{
    uint8_t digest[DIGEST_SIZE];
    const struct account *found = NULL;
    digest_sha256(key, digest);
    *which = NULL;
    for (size_t i = 0; i < accounts->count; i++) {
        const struct account *account = &accounts->at[i];
        for (size_t k = 0; k < account->key_count; k++)
            if (digest_equal(account->keys[k].hash, digest) && account->revoked_at == 0 &&
                account_key_is_valid(&account->keys[k], now_ms)) {
                found = account;
                *which = &account->keys[k];
            }
    }
    return found;
}

/* ---- making and ending them ---- */

static void key_put(struct accounts *accounts, const struct account *account,
                    const struct account_key *key)
{
    struct account_key_row row = {
        .account = account->name, .created_at = key->created_at, .ends_at = key->ends_at};
    memcpy(row.hash, key->hash, sizeof row.hash);
    store_account_key_put(accounts->store, &row);
}

void account_key_make(struct accounts *accounts, struct account *account, int64_t now_ms,
                      char key[ACCOUNT_KEY_SIZE])
{
    uint8_t secret[32], hash[DIGEST_SIZE];
    char digits[65], id[ACCOUNT_KEY_ID_SIZE];
    do { /* an id is said once in an account */
        random_octets(secret, sizeof secret);
        octets_to_hex(octets_of(secret, sizeof secret), digits);
        snprintf(key, ACCOUNT_KEY_SIZE, "assent_%s", digits);
        digest_sha256(octets_text(key), hash);
        octets_to_hex(octets_of(hash, sizeof id / 2), id);
    } while (account_key_find(account, id) != NULL);
    struct account_key *made = key_append(account, hash);
    made->created_at = now_ms;
    key_put(accounts, account, made);
}

/* Never later than it was to end before. */
static void key_end(struct accounts *accounts, const struct account *account, struct account_key *key,
                    int64_t at)
{
    if (!account_key_is_valid(key, at))
        return;
    key->ends_at = at;
    key_put(accounts, account, key);
}

static void forget_ended(struct accounts *accounts, struct account *account, int64_t before_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < account->key_count; i++) {
        const struct account_key key = account->keys[i];
        if (account_key_is_valid(&key, before_ms)) {
            account->keys[kept++] = key;
            continue;
        }
        store_account_key_drop(accounts->store, account->name, key.hash);
        account_use_forget(accounts, account, key.id);
    }
    account->key_count = kept;
}

static size_t count_valid(const struct account *account, int64_t now_ms)
{
    size_t count = 0;
    for (size_t i = 0; i < account->key_count; i++)
        count += account_key_is_valid(&account->keys[i], now_ms);
    return count;
}

bool accounts_rotate(struct accounts *accounts, const char *name, int64_t overlap_ms, int64_t now_ms,
                     char key[ACCOUNT_KEY_SIZE])
{
    struct account *account = accounts_kept(accounts, name);
    must(account != NULL && overlap_ms >= 0);
    if (overlap_ms > 0 && count_valid(account, now_ms) >= ACCOUNT_KEYS_MOST)
        return false;
    forget_ended(accounts, account, now_ms - ENDED_KEPT_MS);
    for (size_t i = 0; i < account->key_count; i++)
        key_end(accounts, account, &account->keys[i], now_ms + overlap_ms);
    account_key_make(accounts, account, now_ms, key);
    return true;
}

bool accounts_revoke_key(struct accounts *accounts, const char *name, const char *id, int64_t now_ms)
{
    struct account *account = accounts_kept(accounts, name);
    struct account_key *key = account == NULL ? NULL : account_key_find(account, id);
    if (key != NULL)
        key_end(accounts, account, key, now_ms);
    return key != NULL;
}
