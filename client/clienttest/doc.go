// Package clienttest has assertions for the tests of programs that use package
// client: that a job or an execute is there, or is not, as the program was to add it.
//
//	func TestOrderSendsAnInvoice(t *testing.T) {
//		tx := begin(t) // taken back at the end
//		shop.Order(ctx, tx, …)
//		e := clienttest.RequireExecute(ctx, t, c.WithTx(tx), "billing", "invoice.send", &clienttest.ExecuteOpts{
//			Schedule: client.Now(), Data: Invoice{Number: "R-1"},
//		})
//	}
//
// What is found is returned for whatever else there is to say about it. A failure
// ends the test, and tells what there is instead.
package clienttest
