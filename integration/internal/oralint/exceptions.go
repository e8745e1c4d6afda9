package oralint

// Exceptions lists what is allowed against a rule.
var Exceptions = []Exception{
	{
		Rule:   "varchar2-size",
		Prefix: "create table QRTZ_",
		Reason: "the tables of the Java edition, as existing databases have them: they do not say what a size counts",
	},
}
