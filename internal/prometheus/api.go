package prometheus

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Series is a part of an answer.
type Series struct {
	Labels map[string]string
	Points []Point
}

// Point is a value at a time.
type Point struct {
	At    time.Time
	Value float64
}

// UnmarshalJSON reads [seconds, "value"].
func (p *Point) UnmarshalJSON(text []byte) error {
	var at float64
	var value string
	if err := json.Unmarshal(text, &[]any{&at, &value}); err != nil {
		return err
	}
	p.At = time.UnixMilli(int64(at * 1000))
	var err error
	p.Value, err = strconv.ParseFloat(value, 64)
	return err
}

// Alert is an alert that a server holds for pending or firing.
type Alert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	State       string            `json:"state"`    // pending or firing
	ActiveAt    time.Time         `json:"activeAt"` // since when its expression holds
}

// Name is that of its rule.
func (a Alert) Name() string { return a.Labels["alertname"] }

// Query evaluates an expression now.
func (s *Server) Query(ctx context.Context, expression string) ([]Series, error) {
	return s.series(ctx, "/api/v1/query", url.Values{"query": {expression}})
}

// QueryRange evaluates an expression every step from one time to another.
func (s *Server) QueryRange(ctx context.Context, expression string, from, to time.Time, step time.Duration) ([]Series, error) {
	stamp := func(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }
	return s.series(ctx, "/api/v1/query_range", url.Values{
		"query": {expression}, "start": {stamp(from)}, "end": {stamp(to)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)},
	})
}

// Alerts returns the alerts that are pending or firing.
func (s *Server) Alerts(ctx context.Context) ([]Alert, error) {
	var answer struct {
		Data struct {
			Alerts []Alert `json:"alerts"`
		} `json:"data"`
	}
	text, err := s.get(ctx, "/api/v1/alerts", nil)
	if err == nil {
		err = json.Unmarshal(text, &answer)
	}
	return answer.Data.Alerts, err
}

func (s *Server) series(ctx context.Context, path string, query url.Values) ([]Series, error) {
	text, err := s.get(ctx, path, query)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string `json:"metric"`
				Value  *Point            `json:"value"`
				Values []Point           `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("%s of %s: %w", path, query.Get("query"), err)
	}
	var all []Series
	for _, r := range answer.Data.Result {
		if r.Value != nil {
			r.Values = append(r.Values, *r.Value)
		}
		all = append(all, Series{r.Metric, r.Values})
	}
	return all, nil
}

func (s *Server) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	request.Close = true // an idle connection would outlive the test
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %s", request.URL, response.Status, text)
	}
	return text, err
}
