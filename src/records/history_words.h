/* What a history shows, in words: which rank was slow, and whether ranks were bound to cores. */
#ifndef GD_RECORDS_HISTORY_WORDS_H
#define GD_RECORDS_HISTORY_WORDS_H

#include "records/history.h"

enum { GD_HISTORY_WORDS = 200, GD_HISTORY_LINES = 4 };

/* Seconds that a rank computed. */
double gd_rank_record_busy(const gd_rank_record *rank);

/* The rank that computed longest; its index in the records, of which there is at least one. */
int32_t gd_history_slowest(const gd_history *history);

/* Writes sentences, without paths or names: size and steps, time, the slowest rank, cores. Those that the log
 * does not tell are "". */
void gd_history_words(const gd_history *history, char lines[GD_HISTORY_LINES][GD_HISTORY_WORDS]);

#endif
