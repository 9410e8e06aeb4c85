/* When each key was used last. A use is noted in memory and written within a minute, those of all keys in one transaction:
 * a crash loses a minute of it at most, and a request costs no write. */
#include <string.h>

#include "account_parts.h"
#include "store/store.h"

#define WRITE_MS 60000

static void use_rings(void *owner)
{
    accounts_write_uses(owner);
}

void accounts_key_used(struct accounts *accounts, struct account_key *key, int64_t now_ms)
{
    key->used_at = now_ms;
    key->is_use_unwritten = true;
    if (!timer_is_set(&accounts->use_timer))
        timer_set(accounts->loop, &accounts->use_timer, WRITE_MS, use_rings, accounts);
}

void accounts_write_uses(struct accounts *accounts)
{
    timer_clear(accounts->loop, &accounts->use_timer);
    for (size_t i = 0; i < accounts->count; i++)
        for (size_t k = 0; k < accounts->at[i].key_count; k++) {
            struct account_key *key = &accounts->at[i].keys[k];
            if (key->is_use_unwritten)
                store_key_use_put(accounts->store, accounts->at[i].name, key->id, key->used_at);
            key->is_use_unwritten = false;
        }
}

bool account_uses_read(struct accounts *accounts, struct account *account, const struct account *before)
{
    for (size_t k = 0; k < account->key_count; k++) {
        struct account_key *key = &account->keys[k];
        const struct account_key *known = before == NULL ? NULL : account_key_find(before, key->id);
        if (store_key_use(accounts->store, account->name, key->id, &key->used_at) == STORE_FAILED)
            return false;
        if (known != NULL && known->used_at != 0 && known->used_at != key->used_at)
            accounts_key_used(accounts, key, known->used_at);
    }
    return true;
}

void account_use_forget(struct accounts *accounts, const struct account *account, const char *key_id)
{
    store_key_use_drop(accounts->store, account->name, key_id);
}
