package store

import (
	"context"
	"database/sql"
	"strings"
)

const postgresSchedule = `concat_ws('|', e.JOB_TYPE, COALESCE(e.CRON, ''), COALESCE(e.ZONE_ID, ''), COALESCE(e.REPEAT_COUNT, 0),
	COALESCE(e.REPEAT_INTERVAL, 0), COALESCE(e.START_TIME, 0), COALESCE(e.END_TIME, 0))`

func (s *Store) claimPostgres(ctx context.Context, nodeID int64, claims []*Claim, lim Limits) ([]int64, error) {
	room := func() array[int64] { return make(array[int64], 0, len(claims)) }
	ids, versions, nexts, highs, priors, nominals := room(), room(), room(), room(), room(), room()
	attempts, above, then, skipped := room(), room(), room(), room()
	schedules := make(array[string], 0, len(claims))
	for _, c := range claims {
		ids, versions, nexts = append(ids, c.ID), append(versions, c.Version), append(nexts, c.Next)
		highs, priors, schedules = append(highs, c.High), append(priors, int64(c.Due.Attempt)), append(schedules, c.schedule())
		nominals, attempts, above = append(nominals, c.Nominal), append(attempts, int64(c.Attempt)), append(above, c.high())
		then, skipped = append(then, c.NextFire), append(skipped, c.Skipped.All())
	}
	entitled, rights := s.entitled(nodeID, lim)
	args := append([]any{
		ids.text(), versions.text(), nexts.text(), highs.text(), priors.text(), schedules.text(),
		nominals.text(), attempts.text(), above.text(), then.text(), skipped.text(), lim.Ahead, lim.Ahead, nodeID,
	}, rights...)
	var taken []int64
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		taken = append(taken, id)
		return err
	}, `WITH free AS MATERIALIZED (
		SELECT v.ID, v.NEXT, v.NOMINAL, v.ATTEMPT, v.ABOVE, v.UPCOMING, v.SKIPPED
		FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[],
			?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
			AS v(ID, VERSION, NEXT, HIGH, PRIOR, SCHEDULE, NOMINAL, ATTEMPT, ABOVE, UPCOMING, SKIPPED)
			JOIN QRTZ_EXECUTE e ON e.ID = v.ID
		WHERE e.`+strings.ReplaceAll(claimable, "AND ", "AND e.")+`
			AND COALESCE(e.VERSION, 0) = v.VERSION AND e.NEXT_FIRE_TIME = v.NEXT AND COALESCE(e.HIGH_TIME, 0) = v.HIGH
			AND COALESCE(e.FIRE_ATTEMPT, 0) = v.PRIOR AND `+postgresSchedule+` = v.SCHEDULE
			AND (v.NOMINAL = 0 OR v.NOMINAL > v.HIGH) AND v.NOMINAL <= {now} + ? AND v.NEXT <= {now} + ? AND `+unoccupied+`
		FOR NO KEY UPDATE OF e SKIP LOCKED
	)
	UPDATE QRTZ_EXECUTE e SET
		NEXT_FIRE_TIME = NULLIF(v.UPCOMING, 0),
		SKIP_COUNT = COALESCE(e.SKIP_COUNT, 0) + v.SKIPPED,
		PREV_FIRE_TIME = CASE WHEN v.NOMINAL = 0 THEN e.PREV_FIRE_TIME ELSE v.NOMINAL END,
		HIGH_TIME = NULLIF(v.ABOVE, 0),
		FIRE_TIME = NULLIF(v.NOMINAL, 0),
		FIRE_NODE = CASE WHEN v.NOMINAL = 0 THEN e.FIRE_NODE ELSE ? END,
		FIRE_ATTEMPT = CASE WHEN v.NOMINAL = 0 THEN e.FIRE_ATTEMPT ELSE v.ATTEMPT END,
		FIRE_START = CASE WHEN v.NOMINAL = 0 THEN e.FIRE_START ELSE {now} END,
		TIME_TRIGGERED = GREATEST(COALESCE(e.TIME_TRIGGERED, 0), 0) + CASE WHEN v.NOMINAL = 0 THEN 0 ELSE 1 END,
		STATE = CASE WHEN v.NOMINAL = 0 AND v.UPCOMING = 0 THEN 'COMPLETE' ELSE e.STATE END,
		LAST_END_TIME = CASE WHEN v.NOMINAL = 0 AND v.UPCOMING = 0 THEN {now} ELSE e.LAST_END_TIME END
	FROM free v
	WHERE e.ID = v.ID AND e.NEXT_FIRE_TIME = v.NEXT AND e.FIRE_TIME IS NULL AND `+entitled+`
	RETURNING e.ID`, args...)
	if err != nil {
		return nil, err
	}
	return taken, nil
}
