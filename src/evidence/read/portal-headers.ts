/**
 * Headers of the Azure portal's CSV exports in languages other than English, as Microsoft writes them. Only what is
 * certain: a localised file with a header that is not here is refused, so that no column is taken for another.
 */
const languages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Italian: {
    'Data (UTC)': 'Date (UTC)',
    'ID richiesta': 'Request ID',
    'ID correlazione': 'Correlation ID',
    'ID utente': 'User ID',
    Utente: 'User',
    'Nome utente': 'Username',
    'Tipo di utente': 'User type',
    'Agente utente': 'User agent',
    Applicazione: 'Application',
    'ID applicazione': 'Application ID',
    Risorsa: 'Resource',
    'ID risorsa': 'Resource ID',
    'Indirizzo IP': 'IP address',
    Posizione: 'Location',
    Stato: 'Status',
    'Codice errore di accesso': 'Sign-in error code',
    'Motivo errore': 'Failure reason',
    'App client': 'Client app',
    'ID dispositivo': 'Device ID',
    'Sistema operativo': 'Operating System',
    'Accesso condizionale': 'Conditional Access',
    Servizio: 'Service',
    Categoria: 'Category',
    Attività: 'Activity',
    Risultato: 'Result',
  },
  Spanish: {
    'Fecha (UTC)': 'Date (UTC)',
    'Id. de solicitud': 'Request ID',
    'Id. de correlación': 'Correlation ID',
    'Id. de usuario': 'User ID',
    Usuario: 'User',
    'Nombre de usuario': 'Username',
    'Tipo de usuario': 'User type',
    'Agente de usuario': 'User agent',
    Aplicación: 'Application',
    'Id. de aplicación': 'Application ID',
    Recurso: 'Resource',
    'Id. de recurso': 'Resource ID',
    'Dirección IP': 'IP address',
    Ubicación: 'Location',
    Estado: 'Status',
    'Código de error de inicio de sesión': 'Sign-in error code',
    'Motivo del error': 'Failure reason',
    'Aplicación cliente': 'Client app',
    Explorador: 'Browser',
    'Sistema operativo': 'Operating System',
    'Protocolo de autenticación': 'Authentication Protocol',
    'Requisito de autenticación': 'Authentication requirement',
    'Tipo de credencial de cliente': 'Client credential type',
    'Número de sistema autónomo': 'Autonomous system number',
    'Acceso condicional': 'Conditional Access',
    Servicio: 'Service',
    Categoría: 'Category',
    Actividad: 'Activity',
    Resultado: 'Result',
    Objetivo1NombrePrincipalDeUsuario: 'Target1UserPrincipalName',
  },
  German: {
    'Datum (UTC)': 'Date (UTC)',
    'Anforderungs-ID': 'Request ID',
    'Korrelations-ID': 'Correlation ID',
    'Benutzer-ID': 'User ID',
    Benutzer: 'User',
    Benutzername: 'Username',
    Benutzertyp: 'User type',
    'Benutzer-Agent': 'User agent',
    Anwendung: 'Application',
    'Anwendungs-ID': 'Application ID',
    Ressource: 'Resource',
    'Ressourcen-ID': 'Resource ID',
    'IP-Adresse': 'IP address',
    Standort: 'Location',
    Fehlerursache: 'Failure reason',
    'Client-App': 'Client app',
    Betriebssystem: 'Operating System',
    'Bedingter Zugriff': 'Conditional Access',
    Dienst: 'Service',
    Kategorie: 'Category',
    Aktivität: 'Activity',
    Ergebnis: 'Result',
  },
  French: {
    'ID de la demande': 'Request ID',
    'ID de corrélation': 'Correlation ID',
    "ID d'utilisateur": 'User ID',
    Utilisateur: 'User',
    "Nom d'utilisateur": 'Username',
    "Type d'utilisateur": 'User type',
    'Agent utilisateur': 'User agent',
    "ID d'application": 'Application ID',
    Ressource: 'Resource',
    'ID de ressource': 'Resource ID',
    'Adresse IP': 'IP address',
    Emplacement: 'Location',
    État: 'Status',
    "Raison de l'échec": 'Failure reason',
    'Application cliente': 'Client app',
    Navigateur: 'Browser',
    "Système d'exploitation": 'Operating System',
    'Accès conditionnel': 'Conditional Access',
    Catégorie: 'Category',
    Activité: 'Activity',
    Résultat: 'Result',
  },
  Portuguese: {
    'Data (UTC)': 'Date (UTC)',
    'ID da solicitação': 'Request ID',
    'ID de correlação': 'Correlation ID',
    'ID do usuário': 'User ID',
    Usuário: 'User',
    'Nome de usuário': 'Username',
    'Tipo de usuário': 'User type',
    'Agente do usuário': 'User agent',
    Aplicativo: 'Application',
    'ID do aplicativo': 'Application ID',
    Recurso: 'Resource',
    'ID do recurso': 'Resource ID',
    'Endereço IP': 'IP address',
    Localização: 'Location',
    'Motivo da falha': 'Failure reason',
    'Aplicativo cliente': 'Client app',
    Navegador: 'Browser',
    'Sistema operacional': 'Operating System',
    'Acesso condicional': 'Conditional Access',
    Serviço: 'Service',
    Categoria: 'Category',
    Atividade: 'Activity',
    Resultado: 'Result',
  },
  Dutch: {
    'Datum (UTC)': 'Date (UTC)',
    'Aanvraag-id': 'Request ID',
    'Correlatie-id': 'Correlation ID',
    'Gebruikers-id': 'User ID',
    Gebruiker: 'User',
    Gebruikersnaam: 'Username',
    Gebruikerstype: 'User type',
    Gebruikersagent: 'User agent',
    Toepassing: 'Application',
    'Toepassings-id': 'Application ID',
    Resource: 'Resource',
    'Resource-id': 'Resource ID',
    'IP-adres': 'IP address',
    Locatie: 'Location',
    'Reden van fout': 'Failure reason',
    'Client-app': 'Client app',
    Besturingssysteem: 'Operating System',
    'Voorwaardelijke toegang': 'Conditional Access',
    Categorie: 'Category',
    Activiteit: 'Activity',
    Resultaat: 'Result',
  },
  Japanese: {
    '日付 (UTC)': 'Date (UTC)',
    '要求 ID': 'Request ID',
    '関連付け ID': 'Correlation ID',
    相関ID: 'Correlation ID',
    'ユーザー ID': 'User ID',
    ユーザー: 'User',
    ユーザー名: 'Username',
    'ユーザー タイプ': 'User type',
    'ユーザー エージェント': 'User agent',
    アプリケーション: 'Application',
    'アプリケーション ID': 'Application ID',
    リソース: 'Resource',
    'リソース ID': 'Resource ID',
    'IP アドレス': 'IP address',
    場所: 'Location',
    状態: 'Status',
    'クライアント アプリ': 'Client app',
    ブラウザー: 'Browser',
    'オペレーティング システム': 'Operating System',
    条件付きアクセス: 'Conditional Access',
    サービス: 'Service',
    カテゴリ: 'Category',
    アクティビティ: 'Activity',
    結果: 'Result',
  },
}

/** Headers of the portal's sign-in and audit exports in English, spaces collapsed; some look the same elsewhere. */
const english = new Set(
  [
    'Date (UTC);Request ID;User agent;Correlation ID;User ID;User;Username;User type;Cross tenant access type',
    'Incoming token type;Authentication Protocol;Unique token identifier;Original transfer method;Client credential type',
    'Token Protection - Sign In Session;Token Protection - Sign In Session StatusCode;Application;Application ID',
    'App owner tenant ID;Resource;Resource ID;Resource tenant ID;Resource owner tenant ID;Home tenant ID;Home tenant name',
    'IP address;Location;Status;Sign-in error code;Failure reason;Client app;Device ID;Browser;Operating System;Compliant',
    'Managed;Join Type;Multifactor authentication result;Multifactor authentication auth method',
    'Multifactor authentication auth detail;Authentication requirement;Sign-in identifier;Session ID',
    'IP address (seen by resource);Through Global Secure Access;Global Secure Access IP address;Autonomous system number',
    'Flagged for review;Token issuer type;Token issuer name;Latency;Conditional Access;Managed Identity type',
    'Associated Resource Id;Federated Token Id;Federated Token Issuer;Service principal ID;Service principal name',
    'Credential key ID;Credential thumbprint;CorrelationId;Service;Category;Activity;Result;ResultReason;User Agent',
    'ActorType;ActorDisplayName;ActorObjectId;ActorUserPrincipalName;IPAddress;ActorHomeTenantId;ActorHomeTenantName',
    'ActorServicePrincipalId;ActorServicePrincipalName',
  ]
    .join(';')
    .split(';'),
)

const numbered = /^(?:Target\d+|AdditionalDetail\d+)\w*$/u
const localisedDate =
  /^(?:data|fecha|datum|dato|dátum|дата|日付|日期|날짜|tarih|päivämäärä)\s*\((?:utc|[^)]*)\)$/iu

/** What a portal export's headers are in English, and from which language. */
export type Translation =
  | { readonly kind: 'english' }
  | { readonly kind: 'translated'; readonly language: string; readonly headers: readonly string[] }
  | { readonly kind: 'unknown'; readonly headers: readonly string[] }

function isEnglish(header: string): boolean {
  return english.has(header) || numbered.test(header)
}

/** Translates headers of the portal. Headers that are not the portal's, or are English, stay as they are. */
export function translateHeaders(headers: readonly string[]): Translation {
  const candidates = Object.entries(languages)
    .map(([language, names]) => ({
      language,
      names: new Map(Object.entries(names)),
      hits: headers.filter((header) => Object.hasOwn(names, header) && !isEnglish(header)).length,
    }))
    .toSorted((one, other) => other.hits - one.hits)
  const best = candidates[0]
  const isLocalised = (best && best.hits >= 3) || headers.some((header) => localisedDate.test(header))
  if (!isLocalised || !best) return { kind: 'english' }
  const unknown = headers.filter((header) => !best.names.has(header) && !isEnglish(header) && header !== '')
  if (best.hits === 0 || unknown.length > 0)
    return { kind: 'unknown', headers: best.hits === 0 ? headers : unknown }
  return {
    kind: 'translated',
    language: best.language,
    headers: headers.map((header) => best.names.get(header) ?? header),
  }
}
