-- Each customer with the balance of the ledger, the orders of the shop and the tickets of the support desk, by the month in
-- which the customer came. The shop knows customers by their e-mail address.
SELECT
  c.id AS cliente_id,
  c.nome,
  c.email,
  c.cidade,
  CAST(coalesce(sum(CASE WHEN l.tipo = 'credito' THEN l.valor ELSE -l.valor END), 0) AS DECIMAL(18, 2)) AS saldo,
  count(l.id) AS lancamentos,
  coalesce(max(v.encomendas), 0) AS encomendas,
  CAST(coalesce(max(v.gasto), 0) AS DECIMAL(18, 2)) AS gasto,
  coalesce(max(t.tickets), 0) AS tickets,
  coalesce(max(t.abertos), 0) AS tickets_abertos,
  CAST(year(c.criado_em) AS INTEGER) AS ano,
  CAST(month(c.criado_em) AS INTEGER) AS mes
FROM stage.financeiro_customer AS c
LEFT JOIN stage.financeiro_ledger AS l ON l.customer_id = c.id
LEFT JOIN (
  SELECT o.cliente_email, count(DISTINCT o.id) AS encomendas, sum(i.quantidade * i.preco) AS gasto
  FROM stage.vendas_orders AS o
  LEFT JOIN stage.vendas_order_items AS i ON i.order_id = o.id
  WHERE o.estado <> 'cancelada'
  GROUP BY o.cliente_email
) AS v ON v.cliente_email = c.email
LEFT JOIN (
  SELECT cliente_id, count(*) AS tickets, count(*) FILTER (estado = 'aberto') AS abertos
  FROM stage.suporte_tickets
  GROUP BY cliente_id
) AS t ON t.cliente_id = c.id
GROUP BY c.id, c.nome, c.email, c.cidade, c.criado_em
