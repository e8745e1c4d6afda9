package core

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// setting is a field of Config that text can set.
type setting struct {
	env string
	set func(c *Config, value string) error
}

// settings are the environment variables that FromEnv reads; the README lists
// them.
var settings = []setting{
	{"QUARTZ_APP", text(func(c *Config) *string { return &c.App })},
	{"QUARTZ_NODE_KEY", text(func(c *Config) *string { return &c.NodeKey })},
	{"QUARTZ_LABELS", setLabels},
	{"QUARTZ_BUILD", text(func(c *Config) *string { return &c.Build })},
	{"QUARTZ_SLOTS", number(func(c *Config) *int { return &c.Slots })},
	{"QUARTZ_HEARTBEAT", duration(func(c *Config) *time.Duration { return &c.Heartbeat })},
	{"QUARTZ_LEASE", duration(func(c *Config) *time.Duration { return &c.Lease })},
	{"QUARTZ_MARGIN", duration(func(c *Config) *time.Duration { return &c.Margin })},
	{"QUARTZ_SCAN_INTERVAL", duration(func(c *Config) *time.Duration { return &c.ScanInterval })},
	{"QUARTZ_HANDLER_INTERVAL", duration(func(c *Config) *time.Duration { return &c.HandlerInterval })},
	{"QUARTZ_MISFIRE_THRESHOLD", duration(func(c *Config) *time.Duration { return &c.MisfireThreshold })},
	{"QUARTZ_STOP_TIMEOUT", duration(func(c *Config) *time.Duration { return &c.StopTimeout })},
	{"QUARTZ_STOP_GRACE", duration(func(c *Config) *time.Duration { return &c.StopGrace })},
	{"QUARTZ_MAX_SKEW", duration(func(c *Config) *time.Duration { return &c.MaxSkew })},
	{"QUARTZ_NEVER_MASTER", flag(func(c *Config) *bool { return &c.NeverMaster })},
	{"QUARTZ_STANDALONE", flag(func(c *Config) *bool { return &c.Standalone })},
	{"QUARTZ_RECENT_FIRES", number(func(c *Config) *int { return &c.RecentFires })},
	{"QUARTZ_RETENTION", duration(func(c *Config) *time.Duration { return &c.Retention })},
	{"QUARTZ_CALL_TIMEOUT", duration(func(c *Config) *time.Duration { return &c.CallTimeout })},
	{"QUARTZ_TABLE_PREFIX", text(func(c *Config) *string { return &c.TablePrefix })},
	{"QUARTZ_DATABASE_SCHEMA", text(func(c *Config) *string { return &c.DatabaseSchema })},
	{"QUARTZ_MIGRATE", flag(func(c *Config) *bool { return &c.Migrate })},
	{"QUARTZ_DEFAULT_ZONE", text(func(c *Config) *string { return &c.DefaultZone })},
}

// FromEnv returns c with every field replaced whose environment variable is set:
// QUARTZ_ and the field's name in capitals, as QUARTZ_NODE_KEY for NodeKey.
// Durations are written as Go writes them, such as 1m30s; Labels are separated by
// commas; Migrate, NeverMaster and other switches are true or false. An empty variable
// counts as not set. Errors name the variable and its value. What only a program can
// give (Handlers, Middleware, Listener, Elector, ControlDB, Logger, Observer) stays.
func FromEnv(c Config) (Config, error) { return fromEnv(c, os.Getenv) }

func fromEnv(c Config, getenv func(string) string) (Config, error) {
	for _, s := range settings {
		value := getenv(s.env)
		if value == "" {
			continue
		}
		if err := s.set(&c, value); err != nil {
			return Config{}, fmt.Errorf("quartz: environment variable %s: %w", s.env, err)
		}
	}
	return c, nil
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		*field(c) = value
		return nil
	}
}

func duration(field func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 1m30s", value)
		}
		*field(c) = d
		return nil
	}
}

func setLabels(c *Config, value string) error {
	c.Labels = nil
	for label := range strings.SplitSeq(value, ",") {
		if label = strings.TrimSpace(label); label != "" {
			c.Labels = append(c.Labels, label)
		}
	}
	return nil
}

func number(field func(*Config) *int) func(*Config, string) error {
	return func(c *Config, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", value)
		}
		*field(c) = n
		return nil
	}
}

func flag(field func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, value string) error {
		b, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
		*field(c) = b
		return nil
	}
}
