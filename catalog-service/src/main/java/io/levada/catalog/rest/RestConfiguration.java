package io.levada.catalog.rest;

import io.levada.definition.PipelineDefinition;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/// What stands before the service's HTTP APIs.
@Configuration(proxyBeanMethods = false)
class RestConfiguration {
    @Bean
    FilterRegistrationBean<TokenFilter> tokenFilter(PipelineDefinition definition) {
        FilterRegistrationBean<TokenFilter> filter =
                new FilterRegistrationBean<>(new TokenFilter(new Callers(definition.tokens())));
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return filter;
    }
}
