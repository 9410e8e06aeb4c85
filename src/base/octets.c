#include "base/octets.h"

void octets_to_hex(struct octets from, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < from.length; i++) {
        out[2 * i] = digits[from.at[i] >> 4];
        out[2 * i + 1] = digits[from.at[i] & 15];
    }
    out[2 * from.length] = '\0';
}

static int digit_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool octets_from_hex(struct octets hex, uint8_t *out)
{
    if (hex.length % 2 != 0)
        return false;
    for (size_t i = 0; i < hex.length; i += 2) {
        int high = digit_value(hex.at[i]);
        int low = digit_value(hex.at[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}
