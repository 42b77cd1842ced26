/// AWS's services for tests: the official models of their requests, and servers that check each request by them.
@NullMarked
package io.levada.testing.aws;

import org.jspecify.annotations.NullMarked;
