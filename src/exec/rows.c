/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which row does a call have? */
#include "exec/table.h"

#include <string.h>

static const struct call_row *by_number[NUMBERS_MOST];

void rows_install(const struct call_row *rows, size_t n) {
	memset(by_number, 0, sizeof by_number);
	for (size_t i = 0; i < n; i++) {
		g_assert(!by_number[rows[i].nr]);
		by_number[rows[i].nr] = &rows[i];
	}
}

const struct call_row *call_row(int nr) {
	return nr >= 0 && nr < NUMBERS_MOST ? by_number[nr] : NULL;
}
