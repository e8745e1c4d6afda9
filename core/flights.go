package core

import "sync"

// flights are those whose slots are held.
type flights struct {
	mu  sync.Mutex
	set map[*flight]struct{}
}

func (s *flights) add(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set == nil {
		s.set = make(map[*flight]struct{})
	}
	s.set[f] = struct{}{}
}

func (s *flights) remove(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.set, f)
}

func (s *flights) all() []*flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*flight, 0, len(s.set))
	for f := range s.set {
		out = append(out, f)
	}
	return out
}
