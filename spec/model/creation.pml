/* spec/model: how a file is made (FORMAT 8.1), by writers that come to an EMPTY one at once, each with a
 * base of its own choice; kills at every step, power cuts, and somebody who cuts the file off.  The lock
 * is in lock.pml, and what a commit holds in commit.pml.
 *
 * Always: superblocks have one base, which stays while a process lives that gave out addresses, and for
 * good once a durable commit has returned; a writer that gave out addresses commits at these and no
 * others, and does not begin anew where values of its own are; readers who found a file find it still;
 * and writers are refused only where somebody has cut the file off.
 *
 * Weakened by any of these, it has a counterexample (./run extra model):
 *
 *     -DNO_LOCK               two write at once
 *     -DKEEP_OWN_BASE         a writer formats by its own choice a file that another has formatted
 *     -DNO_SECOND_SLOT        who finds generation 0 alone leaves it so
 *     -DEMPTY_IS_NEW          even to one who has seen a generation of it
 *     -DNO_FLUSH              a durable commit is not flushed */

#ifndef COMMITS
#define COMMITS 4 /* attempts of all */
#endif
#ifndef CUTS
#define CUTS 2
#endif
#ifndef KILLS
#define KILLS 2
#endif
#ifndef TRUNCATIONS
#define TRUNCATIONS 1
#endif
#define WRITERS 2
#define NOBODY 255

/* ---- The file, as processes see it, and on the disk; generation NONE: zeros ---- */

#define NONE 255
byte generation[2] = NONE, generation_disk[2] = NONE;
byte base[2], base_disk[2];
bool filled[2], filled_disk[2]; /* state 1, no longer 3 */
byte lock_of = NOBODY;

/* ---- Writers ---- */

byte step[WRITERS];   /* 0: not in a commit */
byte choice[WRITERS]; /* base of the addresses that it has reserved */
bool sure[WRITERS];   /* it has seen a generation */
byte given[WRITERS];  /* base at which it gave out addresses; 0: none */
byte bases = 0;       /* that were chosen */
byte left = COMMITS;

/* ---- What is watched ---- */

byte promised = 0;    /* base of a durable commit that returned; 0: none */
bool found = false;   /* readers have found a file since the last cut */
bool cut_off = false;
byte kills = KILLS, cuts = CUTS, truncations = TRUNCATIONS;

/* The slot that holds (3.2), or NOBODY. */
#define FIRST (generation[0] != NONE && (generation[1] == NONE || generation[0] > generation[1]))
#define HOLDS (FIRST -> 0 : (generation[1] != NONE -> 1 : NOBODY))
#ifdef NO_LOCK
#define FREE true
#else
#define FREE (lock_of == NOBODY)
#endif

inline flush_slot(s)
{
	generation_disk[s] = generation[s];
	base_disk[s] = base[s];
	filled_disk[s] = filled[s]
}

inline write_slot(s, number, at, state)
{
	generation[s] = number;
	base[s] = at;
	filled[s] = state
}

inline leave(k)
{
	step[k] = 0;
	lock_of = NOBODY
}

/* Another process comes in its place, and has not looked at the file yet. */
inline comes(k)
{
	step[k] = 0;
	bases++;
	choice[k] = bases;
	sure[k] = false;
	given[k] = 0;
	if
	:: lock_of == k -> lock_of = NOBODY
	:: else
	fi
}

inline check()
{
	h = HOLDS;
	if
	:: !cut_off ->
		assert(generation[0] == NONE || generation[1] == NONE || base[0] == base[1]);
		assert(promised == 0 || (h != NOBODY && base[h] == promised && filled[h]));
		assert(!found || (h != NOBODY && filled[h]));
		assert(given[0] == 0 || (h != NOBODY && base[h] == given[0]));
		assert(given[1] == 0 || (h != NOBODY && base[h] == given[1]));
		found = found || (h != NOBODY && filled[h])
	:: else
	fi;
	h = 0
}

proctype writer(byte k)
{
	byte h, g;
	bool durable;

end:	do
	:: atomic { step[k] == 0 && left > 0 && FREE ->
		left--;
		lock_of = k;
		step[k] = 1
	   }
	:: atomic { /* what is there */
		step[k] == 1 ->
		h = HOLDS;
		if
#ifdef EMPTY_IS_NEW
		:: h == NOBODY -> step[k] = 2
#else
		:: h == NOBODY && !sure[k] -> step[k] = 2
		:: h == NOBODY && sure[k] -> assert(cut_off); leave(k)
#endif
		:: h != NOBODY && sure[k] && base[h] != choice[k] -> assert(cut_off); leave(k)
		:: h != NOBODY && !(sure[k] && base[h] != choice[k]) ->
#ifdef KEEP_OWN_BASE
			step[k] = (filled[h] -> 5 : 2);
			choice[k] = (filled[h] -> base[h] : choice[k])
#else
			choice[k] = base[h];
			step[k] = (generation[h] == 0 -> 3 : 5)
#endif
		fi;
		h = 0
	   }
	:: atomic { /* both slots, in one write that a kill or a cut may leave half done */
		step[k] == 2 ->
		assert(given[k] == 0);
		write_slot(0, 0, choice[k], false);
		step[k] = 3
	   }
	:: atomic { step[k] == 3 ->
#ifndef NO_SECOND_SLOT
		write_slot(1, 1, choice[k], false);
#endif
		step[k] = 4
	   }
	:: atomic { step[k] == 4 ->
		flush_slot(0);
		flush_slot(1);
		step[k] = 5
	   }
	:: atomic { /* the commit: its flush before the superblock, if it is durable, */
		step[k] == 5 ->
		h = HOLDS;
		if
		:: h == NOBODY -> assert(cut_off); leave(k)
		:: h != NOBODY ->
			sure[k] = true;
			if
			:: durable = true;
#ifndef NO_FLUSH
			   flush_slot(0);
			   flush_slot(1)
#endif
			:: durable = false
			fi;
			step[k] = 6
		fi;
		h = 0
	   }
	:: atomic { /* the superblock, */
		step[k] == 6 ->
		h = HOLDS;
		if
		:: h == NOBODY -> assert(cut_off); leave(k)
		:: h != NOBODY ->
			assert(given[k] == 0 || given[k] == base[h]);
			g = generation[h] + 1;
			assert(g >= 2); /* 0 and 1 are those of creation */
			write_slot(g % 2, g, choice[k], true);
			step[k] = 7
		fi;
		g = 0;
		h = 0
	   }
	:: atomic { /* and the flush behind it */
		step[k] == 7 ->
		given[k] = choice[k];
		if
		:: durable && !cut_off ->
#ifndef NO_FLUSH
			flush_slot(0);
			flush_slot(1);
#endif
			promised = choice[k]
		:: else
		fi;
		durable = false;
		leave(k);
		check()
	   }
	od
}

active proctype machine()
{
	byte i, h;

	atomic {
		comes(0);
		comes(1);
		run writer(0);
		run writer(1)
	}
end:	do
	:: atomic { /* a page is written back when the kernel pleases */
		if
		:: flush_slot(0)
		:: flush_slot(1)
		fi
	   }
	:: atomic { /* one is killed, and another one comes */
		kills > 0 ->
		kills--;
		if
		:: i = 0
		:: i = 1
		fi;
		comes(i);
		i = 0;
		check()
	   }
	:: atomic { /* the power is cut */
		cuts > 0 ->
		cuts--;
		generation[0] = generation_disk[0];
		generation[1] = generation_disk[1];
		base[0] = base_disk[0];
		base[1] = base_disk[1];
		filled[0] = filled_disk[0];
		filled[1] = filled_disk[1];
		found = false;
		comes(0);
		comes(1);
		check()
	   }
	:: atomic { /* somebody cuts the file off */
		truncations > 0 ->
		truncations--;
		write_slot(0, NONE, 0, false);
		write_slot(1, NONE, 0, false);
		cut_off = true;
		promised = 0
	   }
	od
}
