/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables for a terminal: a heading, names at the left, numbers that stand below each other, at least two
 * blanks between columns and none other than single ones within a cell.  What is too wide goes on below.
 */
#ifndef LAB_GRID_H
#define LAB_GRID_H

#include <stdbool.h>

#include "lab/figures/amount.h"

/* Characters of a line. */
#define GRID_WIDTH 100

struct grid;

/* `title` is the heading of the names. */
struct grid *grid_new(const char *title);
void grid_free(struct grid *grid);

/* A column whose cells are at the right, or, words, at the left. */
void grid_column(struct grid *grid, const char *head);
void grid_words(struct grid *grid, const char *head);
/* A column of amounts: its heading has their unit. */
void grid_amounts(struct grid *grid, const struct amount *amount, const char *head);
void grid_row(struct grid *grid, const char *name);
/* The next cell of the row; takes `text`. */
void grid_cell(struct grid *grid, char *text);

/* Prints it, after an empty line; of nothing, nothing. */
void grid_print(const struct grid *grid);

/* The same in few lines: neighbours that have the same cells share one ("toe0 to toe3, each"), a single row
 * that is too wide becomes words ("send() 23.09 us, ..."), and of more than eight rows the first ones are
 * printed, and how many there are besides.  `apart`: after an empty line. */
void grid_print_short(const struct grid *grid, bool apart);

/* Words that go on below, behind the name, where the line is full:
 *   calls      socket 101, bind 100,
 *              listen 50 */
struct word_row {
	int width;        /* of the names */
	const char *name; /* of this row */
	int at;           /* for grid.c: characters behind the name; 0: nothing was printed */
};

/* The row's next word; the first prints the name, too. */
void word_row_add(struct word_row *row, const char *word);
/* Ends the row, if it has words. */
void word_row_end(struct word_row *row);

#endif
