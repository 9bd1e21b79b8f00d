/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real machines beside simulated ones, as a table or as JSON, on standard output. */
#ifndef LAB_WITNESS_TABLE_H
#define LAB_WITNESS_TABLE_H

#include <glib.h>

void witness_print(const GPtrArray *witnesses);
void witness_print_json(const GPtrArray *witnesses);
/* The same of machines with wires: struct claims. */
void claims_print(const GPtrArray *claims);
void claims_print_json(const GPtrArray *claims);

#endif
