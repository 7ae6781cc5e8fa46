/* spec/model: commits (FORMAT 8.2 and 11.4) of two writers, durable and not, through kills, power cuts,
 * pages written back at any time, flushes that fail as Linux has them fail, pages evicted after that,
 * and torn superblocks.
 *
 * A commit is one unit of data, at the place behind its parent's: its extents with the record.  What is
 * in a place, or in a slot of superblocks, is the number of a commit: in the page cache, on the disk, and
 * whether the cache has to be written yet.  The numbers say of a commit what its record says.
 *
 * Always: the data and the record of a commit whose durable call has returned are on the disk, and where
 * only durable ones followed, what holds is that one or a later one, and whole; no two commits make one
 * generation; readers do not go back but where a flush failed; nobody writes over what was promised;
 * writers are refused only where a flush has failed, a superblock was torn, or commits were not durable.
 *
 * Weakened by any of these, it has a counterexample (./run extra model):
 *
 *     -DNO_FLUSH_5            step 5 does not flush
 *     -DNO_FLUSH_7            nor does step 7
 *     -DNO_STEP_4             nothing is written again
 *     -DNO_STEP_4_SLOTS       but the superblocks
 *     -DTRUST_AFTER_FAILURE   what was written before a flush that failed is taken for written
 *     -DSLOT_OF_PARENT        the superblock goes where the one before it is
 *     -DSUPERBLOCK_FIRST      it is written with the extents
 *     -DIGNORE_DAMAGE         commits go on top of a damaged superblock that hides one
 *     -DNO_LOCK               two write at once */

#ifndef COMMITS
#define COMMITS 4 /* attempts, failed ones included */
#endif
#ifndef CUTS
#define CUTS 1
#endif
#ifndef FAILURES
#define FAILURES 1
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef TEARS
#define TEARS 1
#endif
#define IDS (COMMITS + 2)
#define PLACES (COMMITS + 1)
#define TORN 255
#define NOTHING 254

/* ---- Commits: 0 and 1 are those of creation, without data. ---- */

byte generation[IDS], parent[IDS], place[IDS];
byte durable_to[IDS]; /* durable_used: the place up to which all was known to be on the disk */
bool durable[IDS];
byte made = 2;

/* ---- The file ---- */

byte cache[PLACES], disk[PLACES];
bool dirty[PLACES];
byte slot[2], slot_disk[2];
bool slot_dirty[2];

/* ---- Two writers ---- */

#define IDLE 0
byte step[2];       /* of 8.2, the next one; IDLE: none */
byte mine[2];       /* the commit that is being made */
byte held[2], other[2]; /* what the superblock that held had, and the other, as they were read */
bool wants[2];      /* durable */
bool error[2];      /* Linux has an error to report to this description */
bool known_0[PLACES], known_1[PLACES]; /* written by this one since its last failed flush */
byte known_slots[2]; /* it made this commit, durably, through this description; 0: none */
byte lock_of = 2;   /* 2: nobody's */
#ifdef NO_LOCK
#define FREE true
#else
#define FREE (lock_of == 2)
#endif

/* ---- What is watched ---- */

byte promised = 0;  /* the newest commit whose durable call returned */
byte seen = 1;      /* the newest generation that readers met */
bool failed = false, mixed = false;
bool loose = false; /* commits that were not durable followed the promised one */
byte cuts = CUTS, failures = FAILURES, kills = KILLS, tears = TEARS;

/* The superblock that holds (3.2). */
inline choose(holds)
{
	if
	:: slot[0] == TORN -> holds = slot[1]
	:: slot[0] != TORN && slot[1] == TORN -> holds = slot[0]
	:: slot[0] != TORN && slot[1] != TORN && generation[slot[1]] > generation[slot[0]] -> holds = slot[1]
	:: else -> holds = slot[0]
	fi
}

/* The commit at this place on the way to another. */
inline ancestor(descendant, at, found)
{
	found = descendant;
	do
	:: place[found] > at -> found = parent[found]
	:: else -> break
	od
}

inline get_known(who, at, known)
{
	if
	:: who == 0 -> known = known_0[at]
	:: else -> known = known_1[at]
	fi
}

inline set_known(who, at)
{
	if
	:: who == 0 -> known_0[at] = true
	:: else -> known_1[at] = true
	fi
}

/* After a flush of k that failed, or a new description. */
inline forget(who)
{
	known_slots[who] = 0;
	i = 0;
	do
	:: i < PLACES ->
		if
		:: who == 0 -> known_0[i] = false
		:: else -> known_1[i] = false
		fi;
		i++
	:: else -> break
	od;
	i = 0
}

/* Everything dirty goes to the disk. */
inline write_all()
{
	i = 0;
	do
	:: i < PLACES ->
		if
		:: dirty[i] -> disk[i] = cache[i]; dirty[i] = false
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < 2 ->
		if
		:: slot_dirty[i] -> slot_disk[i] = slot[i]; slot_dirty[i] = false
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0
}

/* What could not be written is taken for clean, and each description hears of it once. */
inline fail_rest()
{
	i = 0;
	do
	:: i < PLACES -> dirty[i] = false; i++
	:: else -> break
	od;
	slot_dirty[0] = false;
	slot_dirty[1] = false;
	error[0] = true;
	error[1] = true;
	failed = true;
	i = 0
}

/* fdatasync.  Pages that were written back one by one before it failed are the disk's steps. */
inline flush(by, good)
{
	if
	:: write_all();
		good = !error[by]
	:: failures > 0 && (slot_dirty[0] || slot_dirty[1] || dirty[place[mine[by]]]) ->
		failures--;
		fail_rest();
		good = false
	fi;
	error[by] = false;
	if
	:: !good ->
#ifndef TRUST_AFTER_FAILURE
		forget(by)
#else
		skip
#endif
	:: else
	fi
}

/* What was promised is on the disk, and what holds after a power cut is whole. */
inline check_disk()
{

	choose(h);
	assert(h != TORN);
	/* Where others followed it, recovery (8.6) may be needed: its data and record are there. */
	assert(promised == 0 || loose || generation[h] >= generation[promised]);
	q = 1;
	do
	:: promised != 0 && q <= place[promised] ->
		ancestor(promised, q, a);
		assert(cache[q] == a);
		q++
	:: else -> break
	od;
	/* Where none but durable commits followed the promised one. */
	a = h;
	do
	:: a > 1 && a != promised && durable[a] -> a = parent[a]
	:: else -> break
	od;
	if
	:: a == promised || a <= 1 ->
		q = 1;
		do
		:: q <= place[h] ->
			ancestor(h, q, a);
			assert(cache[q] == a);
			q++
		:: else -> break
		od
	:: else
	fi;
	h = 0;
	a = 0;
	q = 0
}

inline stop(one)
{
	step[one] = IDLE;
	mine[one] = 0;
	held[one] = 0;
	other[one] = 0;
	wants[one] = false;
	lock_of = 2
}

/* ---- A writer ---- */

proctype writer(byte k)
{
	byte i, q, a;
	bool ok, is;

end:	do
	:: atomic {
		step[k] == IDLE && made < IDS && FREE ->
		/* 1: read both superblocks. */
		lock_of = k;
		choose(held[k]);
		other[k] = slot[1 - generation[held[k]] % 2];
		q = place[held[k]] + 1;
		if
#ifndef IGNORE_DAMAGE
		:: (other[k] == TORN || generation[other[k]] + 1 != generation[held[k]]) &&
			q < PLACES && cache[q] != NOTHING && parent[cache[q]] == held[k] ->
			/* UNRECOVERED: something was lost, and it was no commit's doing. */
			assert(failed || mixed || tears < TEARS);
			stop(k)
#endif
		:: else ->
			if
			:: wants[k] = true
			:: wants[k] = false; mixed = true
			fi;
			step[k] = 2
		fi;
		q = 0
	   }
	:: atomic {
		step[k] == 2 ->
		/* Cut what is behind `used`; it is nobody's. */
		assert(promised == 0 || place[held[k]] >= place[promised]);
		q = place[held[k]] + 1;
		do
		:: q < PLACES ->
			if
			:: cache[q] != NOTHING -> cache[q] = NOTHING; dirty[q] = true
			:: else
			fi;
			q++
		:: else -> break
		od;
		q = 0;
		step[k] = 3
	   }
	:: atomic {
		step[k] == 3 ->
		if
		:: made < IDS ->
			/* The extents and the record. */
			mine[k] = made;
			made++;
			parent[mine[k]] = held[k];
			generation[mine[k]] = generation[held[k]] + 1;
			place[mine[k]] = place[held[k]] + 1;
			durable[mine[k]] = wants[k];
			durable_to[mine[k]] = (wants[k] -> place[mine[k]] : durable_to[held[k]]);
			cache[place[mine[k]]] = mine[k];
			dirty[place[mine[k]]] = true;
			set_known(k, place[mine[k]]);
#ifdef SUPERBLOCK_FIRST
			slot[generation[mine[k]] % 2] = mine[k];
			slot_dirty[generation[mine[k]] % 2] = true;
#endif
			step[k] = (wants[k] -> 4 : 6)
		:: else -> stop(k)
		fi
	   }
	:: atomic {
		step[k] == 4 ->
		step[k] = 5;
#ifndef NO_STEP_4
		/* Write again what is not known to be on the disk. */
		q = durable_to[held[k]] + 1;
		do
		:: q <= place[held[k]] && step[k] == 5 ->
			get_known(k, q, is);
			ancestor(held[k], q, a);
			if
			:: is
			:: !is && cache[q] == a -> dirty[q] = true; set_known(k, q)
			:: else ->
				/* UNDURABLE */
				assert(failed || mixed);
				stop(k)
			fi;
			q++
		:: else -> break
		od;
#ifndef NO_STEP_4_SLOTS
		if
		:: step[k] == 5 && known_slots[k] != held[k] ->
			/* As they were read: what is there may have been forgotten since. */
			slot[generation[held[k]] % 2] = held[k];
			slot[1 - generation[held[k]] % 2] = other[k];
			slot_dirty[0] = true;
			slot_dirty[1] = true
		:: else
		fi;
#endif
#endif
		q = 0;
		a = 0;
		is = false
	   }
	:: atomic {
		step[k] == 5 ->
#ifndef NO_FLUSH_5
		flush(k, ok);
		if
		:: ok -> step[k] = 6
		:: else -> stop(k) /* the next one cuts it */
		fi;
		ok = false
#else
		step[k] = 6
#endif
	   }
	:: atomic {
		step[k] == 6 ->
#ifdef SLOT_OF_PARENT
		q = generation[held[k]] % 2;
#else
		q = generation[mine[k]] % 2;
#endif
		slot[q] = mine[k];
		slot_dirty[q] = true;
		q = 0;
		/* No two commits make one generation, and readers never go back. */
		choose(a);
		assert(a == mine[k]);
		assert(failed || generation[a] > seen);
		seen = generation[a];
		loose = loose || !wants[k];
		a = 0;
		step[k] = 7
	   }
	:: atomic {
		step[k] == 7 ->
		if
#ifdef NO_FLUSH_7
		:: wants[k] -> ok = true
#else
		:: wants[k] -> flush(k, ok)
#endif
		:: else -> ok = false
		fi;
		if
		:: ok -> promised = mine[k]; known_slots[k] = mine[k]; loose = false
		:: else
		fi;
		ok = false;
		/* 8: release the lock. */
		stop(k)
	   }
	od
}

/* ---- The system ---- */

active proctype machine()
{
	byte i, k, h, a, q;

	atomic {
		generation[1] = 1;
		slot[1] = 1;
		slot_disk[1] = 1;
		i = 0;
		do
		:: i < PLACES -> cache[i] = NOTHING; disk[i] = NOTHING; i++
		:: else -> break
		od;
		i = 0;
		run writer(0);
		run writer(1)
	}
end:	do
	:: atomic { /* a page is written back */
		select(i : 1 .. PLACES - 1);
		if
		:: dirty[i] -> disk[i] = cache[i]; dirty[i] = false
		:: else
		fi;
		i = 0
	   }
	:: atomic {
		select(i : 0 .. 1);
		if
		:: slot_dirty[i] -> slot_disk[i] = slot[i]; slot_dirty[i] = false
		:: else
		fi;
		i = 0
	   }
	:: atomic { /* what could not be is forgotten when the memory is needed */
		failed ->
		select(i : 1 .. PLACES - 1);
		if
		:: !dirty[i] -> cache[i] = disk[i]
		:: else
		fi;
		i = 0
	   }
	:: atomic {
		failed ->
		select(i : 0 .. 1);
		if
		:: !slot_dirty[i] -> slot[i] = slot_disk[i]
		:: else
		fi;
		i = 0;
		/* Not promised: that what was not durable outlives a failed flush. */
		choose(h);
		assert(h != TORN);
		assert(promised == 0 || loose || generation[h] >= generation[promised]);
		h = 0
	   }
	:: atomic { /* a writer is killed, and another one comes */
		kills > 0 ->
		select(k : 0 .. 1);
		if
		:: step[k] != IDLE ->
			kills--;
			stop(k);
			error[k] = false;
			forget(k)
		:: else
		fi;
		k = 0
	   }
	:: atomic { /* the power is cut */
		cuts > 0 ->
		cuts--;
		i = 0;
		do
		:: i < 2 ->
			if
			:: tears > 0 && slot_dirty[i] && slot[i] != slot_disk[i] ->
				tears--;
				slot_disk[i] = TORN
			:: true
			fi;
			i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < PLACES -> cache[i] = disk[i]; dirty[i] = false; i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < 2 ->
			slot[i] = slot_disk[i];
			slot_dirty[i] = false;
			error[i] = false;
			step[i] = IDLE;
			mine[i] = 0;
			held[i] = 0;
			other[i] = 0;
			wants[i] = false;
			i++
		:: else -> break
		od;
		lock_of = 2;
		forget(0);
		forget(1);
		check_disk();
		choose(h);
		seen = generation[h];
		h = 0
	   }
	od
}
