/* One phone number: what is read as a number is written as one that reads the same. */
#include "consent/number.h"
#include "tests/fuzz/fuzz.h"

static void check(enum number_fault fault, uint64_t number)
{
    char text[NUMBER_TEXT_SIZE];
    uint64_t again = 0;
    must((fault == NUMBER_OK) == (number != 0));
    must(number_fault_text(fault) != NULL);
    if (fault != NUMBER_OK)
        return;
    number_write(number, text);
    must(text[0] == '+');
    must(number_read(octets_text(text), NULL, &again) == NUMBER_OK && again == number);
    must(number_read(octets_text(text), "US", &again) == NUMBER_OK && again == number);
    must(number_country(number) != NULL);
    number_is_toll_free(number);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    static const char *const countries[] = {NULL, "", "US", "CA", "GB", "DE", "FR", "ZZ"};
    struct octets input = octets_of(at, length);
    uint8_t flags = fuzz_u8(&input);
    uint64_t number = 1;
    const char *country = countries[flags & 7];
    enum number_fault fault = number_read(input, country, &number);
    check(fault, number);
    number = 1;
    fault = number_of_smpp(flags >> 3 & 7, input, country, &number);
    check(fault, number);
    return 0;
}
