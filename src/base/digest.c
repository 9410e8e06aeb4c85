#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "base/must.h"

/* Both are made once: EVP_sha256() looks the algorithm up at every use, EVP_Digest makes a context at each. */
void digest_sha256(struct octets of, uint8_t out[DIGEST_SIZE])
{
    static EVP_MD *sha256;
    static EVP_MD_CTX *context;
    if (context == NULL) {
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
        context = EVP_MD_CTX_new();
    }
    must(sha256 != NULL && context != NULL);
    unsigned length = 0;
    must(EVP_DigestInit_ex2(context, sha256, NULL) == 1 &&
         EVP_DigestUpdate(context, of.at, of.length) == 1 &&
         EVP_DigestFinal_ex(context, out, &length) == 1 && length == DIGEST_SIZE);
}

void digest_sha256_hex(struct octets of, char out[DIGEST_HEX_SIZE])
{
    uint8_t digest[DIGEST_SIZE];
    digest_sha256(of, digest);
    octets_to_hex(octets_of(digest, sizeof digest), out);
}

struct digest {
    EVP_MD_CTX *context;
};

struct digest *digest_begin(void)
{
    struct digest *digest = mem_new(sizeof *digest);
    digest->context = EVP_MD_CTX_new();
    must(digest->context != NULL && EVP_DigestInit_ex2(digest->context, EVP_sha256(), NULL) == 1);
    return digest;
}

void digest_add(struct digest *digest, struct octets piece)
{
    must(EVP_DigestUpdate(digest->context, piece.at, piece.length) == 1);
}

void digest_take(struct digest *digest, uint8_t out[DIGEST_SIZE])
{
    unsigned length = 0;
    must(EVP_DigestFinal_ex(digest->context, out, &length) == 1 && length == DIGEST_SIZE);
    digest_drop(digest);
}

void digest_drop(struct digest *digest)
{
    if (digest == NULL)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

void digest_hmac_sha256(struct octets key, struct octets of, uint8_t out[DIGEST_SIZE])
{
    unsigned length = 0;
    const void *at = key.length == 0 ? "" : (const void *)key.at;
    must(HMAC(EVP_sha256(), at, (int)key.length, of.at, of.length, out, &length) != NULL &&
         length == DIGEST_SIZE);
}

void random_octets(void *out, size_t size)
{
    must(size < 1024 && RAND_bytes(out, (int)size) == 1);
}

/* From a pool that is filled at once: a call into the generator for each message costs more than its row. */
int64_t random_bits(int bits)
{
    static uint64_t pool[120];
    static size_t left;
    must(bits >= 1 && bits <= 63);
    if (left == 0) {
        random_octets(pool, sizeof pool);
        left = sizeof pool / sizeof *pool;
    }
    uint64_t value = pool[--left];
    pool[left] = 0;
    return (int64_t)(value >> (64 - bits));
}

bool digest_equal(const uint8_t a[DIGEST_SIZE], const uint8_t b[DIGEST_SIZE])
{
    return CRYPTO_memcmp(a, b, DIGEST_SIZE) == 0;
}
