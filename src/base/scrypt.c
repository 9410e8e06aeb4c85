#include "base/scrypt.h"

#include <openssl/evp.h>

const struct scrypt_cost scrypt_cost_usual = {.log_n = 15, .r = 8, .p = 3};

bool scrypt_hash(struct octets secret, struct octets salt, struct scrypt_cost cost, uint8_t out[SCRYPT_SIZE])
{
    const char *at = secret.length == 0 ? "" : (const char *)secret.at;
    if (cost.log_n < 1 || cost.log_n > 20 || cost.r < 1 || cost.p < 1)
        return false;
    return EVP_PBE_scrypt(at, secret.length, salt.at, salt.length, UINT64_C(1) << cost.log_n, (uint64_t)cost.r,
                          (uint64_t)cost.p, SCRYPT_MEMORY, out, SCRYPT_SIZE) == 1;
}
