/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one long run measured in the equal parts of its window, its batches: numbers that depend on those
 * before them.  The mean and how well it is known; whether that is to be trusted; whether the
 * first batches are like the rest.
 */
#ifndef LAB_SERIES_H
#define LAB_SERIES_H

#include <stdbool.h>

#include "lab/base/stats.h"

/* With fewer batches than that, they are taken as if they did not depend on each other. */
#define SERIES_LEAST 10

/*
 * Mean of n > 0 batches and its 95 % interval, by how much the series sways slowly: the squares of its first
 * few cosine coefficients, half a wave to a few waves in the window, are the variance of the mean, whatever
 * fast ups and downs cancel out; their number gives Student's t (the equal-weighted cosine estimator: P.
 * Phillips 2005; E. Lazarus et al., HAR Inference, 2018).  Batch means see the fast ones only: where work
 * is stratified, what one batch has too much of the next one lacks, and their intervals are several times
 * too wide.
 *
 * With a control, a series whose mean is known to be zero in the long run, what the series owes to it is
 * taken off, by regression of the slow cosines (A. M. Law, Simulation Modeling and Analysis, control
 * variates): the value is no longer the plain mean.
 */
struct estimate series_mean(const double *x, const double *control, size_t n);

/* Whether batches are like those before them, so that the interval is not to be trusted: von Neumann's ratio
 * (1941) is lower than by chance in one of a hundred series. */
bool series_dependent(const double *x, size_t n);

/* How many batches at the start are not like the rest; 0: all are.  MSER (K. P. White 1997) says where the
 * mean of the rest is best known, at most half of the batches in; that there is a difference, must
 * stand out by four standard errors. */
size_t series_unsettled(const double *x, size_t n);

#endif
