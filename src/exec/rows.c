/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which row does a call have? */
#include "exec/table.h"

static const struct call_row *all, *by_number[NUMBERS_MOST];
static size_t n_all;

void rows_install(const struct call_row *rows, size_t n) {
	all = rows;
	n_all = n;
	for (size_t i = 0; i < n; i++)
		by_number[rows[i].nr] = &rows[i];
}

const struct call_row *rows_all(size_t *n) {
	*n = n_all;
	return all;
}

const struct call_row *call_row(int nr) {
	return nr >= 0 && nr < NUMBERS_MOST ? by_number[nr] : NULL;
}
