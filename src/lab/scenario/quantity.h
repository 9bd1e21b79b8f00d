/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quantities as people write them: "10us", "64KiB", "1Gbit/s", "66MHz", "0us + 4.5ns/B".
 */
#ifndef LAB_QUANTITY_H
#define LAB_QUANTITY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What a key's value is.  In memory: the type in brackets. */
enum value_type {
	VALUE_TIME,       /* a duration [sim_time] */
	VALUE_BYTES,      /* a size [unsigned integer of any width] */
	VALUE_RATE,       /* bit/s [uint64_t] */
	VALUE_FREQUENCY,  /* Hz [uint64_t] */
	VALUE_PER_SECOND, /* events per second [double] */
	VALUE_COUNT,      /* a whole number without unit [unsigned integer of any width, int] */
	VALUE_FACTOR,     /* a number without unit [double] */
	VALUE_SHARE,      /* 12% or 0.12 [double] */
	VALUE_BOOL,       /* yes or no, true or false, on or off, 1 or 0 [bool] */
	VALUE_ADDRESS,    /* 10.0.0.1 or any [uint32_t, host byte order] */
	VALUE_NETWORK,    /* 10.0.0.1/24 [struct net_address] */
	VALUE_COST,       /* a time, a time per byte, or their sum [struct cost_value] */
	VALUE_WORK,       /* a cost by kind (lab/scenario/terms.h) [struct terms] */
	VALUE_TEXT,       /* [char *] */
	VALUE_CHOICE,     /* one of a list of words [int] */
	VALUE_NAMES,      /* words separated by commas [char **] */
	VALUE_NUMBERS, /* ascending whole numbers > 0 separated by commas [uint32_t *, ends in 0] */
};

/* An address with the length of its network's prefix; all 0: none. */
struct net_address {
	uint32_t addr; /* host byte order */
	uint8_t prefix;
};

static inline uint32_t net_address_mask(const struct net_address *a) {
	return a->prefix ? ~UINT32_C(0) << (32 - a->prefix) : 0;
}

/* Reads a quantity with one number into base units (ps, bytes, bit/s, Hz, 1).  On failure false
 * and *why set to what is wrong ("missing unit"), a static string. */
bool quantity_number(enum value_type type, const char *text, double *value, const char **why);

/* What values of a type look like, for error messages: "a time such as 10us". */
const char *quantity_example(enum value_type type);

/* "10us", "64KiB": the largest unit that leaves a number >= 1.  Free with g_free(). */
char *quantity_format(enum value_type type, double value);
/* The same for people: a share in per cent, "2%", if that is read as the very same number. */
char *quantity_shown(enum value_type type, double value);

/* The number of a text in SI units and its unit ("s", "B", "1/s"; "1" of counts and shares).  NAN and
 * NULL: values of the type are no numbers, or the text is none of them. */
double quantity_si(enum value_type type, const char *text, const char **unit);

bool quantity_address(const char *text, uint32_t *addr);
char *quantity_format_address(uint32_t addr);
bool quantity_network(const char *text, struct net_address *address);

#endif
